using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.State;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LogLine))]
internal sealed partial class LogsJson : JsonSerializerContext;
