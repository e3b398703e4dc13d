using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Sessions;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(IndexEntry))]
internal sealed partial class IndexJson : JsonSerializerContext;
