using System.Text.Json.Serialization;

namespace ToolRuntime.Cli.Instances;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(InstanceFile))]
internal sealed partial class InstanceJson : JsonSerializerContext;
