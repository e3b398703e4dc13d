using System.Text.Json.Serialization;

namespace ToolRuntime.Runtime.Live;

/// <summary>JSON of <see cref="LiveFile"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(LiveFile))]
internal sealed partial class LiveJson : JsonSerializerContext;
