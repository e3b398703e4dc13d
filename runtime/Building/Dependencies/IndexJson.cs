using System.Text.Json.Serialization;

namespace ToolRuntime.Runtime.Building.Dependencies;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LayerEntry))]
internal sealed partial class IndexJson : JsonSerializerContext;
