using System.Text.Json.Serialization;

namespace ToolRuntime.Sandbox.Pools;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TemplateChoice))]
internal sealed partial class TemplateJson : JsonSerializerContext;
