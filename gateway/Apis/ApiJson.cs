using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ToolRuntime.Gateway.Apis;

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class ApiJson : JsonSerializerContext;
