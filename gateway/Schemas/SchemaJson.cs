using System.Text.Json.Serialization;

namespace ToolRuntime.Gateway.Schemas;

[JsonSerializable(typeof(string))]
internal sealed partial class SchemaJson : JsonSerializerContext;
