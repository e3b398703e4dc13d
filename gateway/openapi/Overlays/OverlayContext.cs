using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ToolRuntime.OpenApi.Overlays;

[JsonSerializable(typeof(JsonNode))]
internal sealed partial class OverlayContext : JsonSerializerContext;
