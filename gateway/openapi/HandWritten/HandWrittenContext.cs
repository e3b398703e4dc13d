using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace ToolRuntime.OpenApi.HandWritten;

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class HandWrittenContext : JsonSerializerContext;
