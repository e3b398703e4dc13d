using System.Text.Json.Serialization;

namespace ToolRuntime.E2b.Volumes;

/// <summary>Source-generated JSON of requests about volumes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(VolumeBody))]
internal sealed partial class VolumesJson : JsonSerializerContext;
