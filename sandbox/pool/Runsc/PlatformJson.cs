using System.Text.Json.Serialization;

namespace ToolRuntime.Sandbox.Runsc;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PlatformChoice))]
internal sealed partial class PlatformJson : JsonSerializerContext;
