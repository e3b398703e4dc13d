using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Streams;

/// <summary>JSON of a stream's state; what has its default is left out.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(StreamState))]
internal sealed partial class StreamJson : JsonSerializerContext;
