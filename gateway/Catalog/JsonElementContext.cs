using System.Text.Json;
using System.Text.Json.Serialization;

namespace ToolRuntime.Gateway.Catalog;

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class JsonElementContext : JsonSerializerContext;
