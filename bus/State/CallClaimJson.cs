using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.State;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CallClaim))]
internal sealed partial class CallClaimJson : JsonSerializerContext;
