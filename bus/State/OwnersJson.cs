using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.State;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SessionOwner))]
internal sealed partial class OwnersJson : JsonSerializerContext;
