using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.State;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditPair))]
internal sealed partial class AuditJson : JsonSerializerContext;
