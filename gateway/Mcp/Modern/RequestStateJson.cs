using System.Text.Json.Serialization;

namespace ToolRuntime.Gateway.Mcp.Modern;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RequestState))]
internal sealed partial class RequestStateJson : JsonSerializerContext;
