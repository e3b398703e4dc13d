using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ToolRuntime.Gateway.Apis;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(ScriptArguments))]
internal sealed partial class ApiJson : JsonSerializerContext;
