using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Logs;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LogLine))]
internal sealed partial class LogsJson : JsonSerializerContext;
