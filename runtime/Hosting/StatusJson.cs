using System.Text.Json.Serialization;

namespace ToolRuntime.Runtime.Hosting;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RuntimeStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
