using System.Text.Json.Serialization;

namespace ToolRuntime.Runtime.Calls;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StartedData))]
[JsonSerializable(typeof(ProgressData))]
[JsonSerializable(typeof(CheckpointData))]
[JsonSerializable(typeof(LogData))]
[JsonSerializable(typeof(TextData))]
internal sealed partial class EventJson : JsonSerializerContext;
