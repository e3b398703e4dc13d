using System.Text.Json.Serialization;

namespace ToolRuntime.Sandbox.Checkpoints;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SandboxCheckpoint))]
[JsonSerializable(typeof(FilesArchive))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
