using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Jobs;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobRecord))]
[JsonSerializable(typeof(DeadLetterHead))]
[JsonSerializable(typeof(SweeperLease))]
internal sealed partial class JobsJson : JsonSerializerContext;
