using System.Text.Json;
using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>Source-generated JSON of the model: camelCase names, nulls left out, numbers as numbers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(FunctionManifest))]
[JsonSerializable(typeof(ToolDefinition))]
[JsonSerializable(typeof(List<ToolDefinition>))]
[JsonSerializable(typeof(FunctionVersion))]
[JsonSerializable(typeof(FunctionRecord))]
[JsonSerializable(typeof(FunctionFault))]
[JsonSerializable(typeof(BuildRequest))]
[JsonSerializable(typeof(BuildResult))]
[JsonSerializable(typeof(Caller))]
[JsonSerializable(typeof(ChildCall))]
[JsonSerializable(typeof(ApiSettings))]
[JsonSerializable(typeof(SecretRequest))]
[JsonSerializable(typeof(SessionEnd))]
[JsonSerializable(typeof(SecretValues))]
[JsonSerializable(typeof(ChildToolList))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(ToolSet))]
[JsonSerializable(typeof(Agent))]
[JsonSerializable(typeof(SandboxRecord))]
[JsonSerializable(typeof(SandboxCreate))]
[JsonSerializable(typeof(SandboxCommand))]
[JsonSerializable(typeof(SandboxAnswer))]
[JsonSerializable(typeof(EgressDecision))]
[JsonSerializable(typeof(SandboxSnapshot))]
[JsonSerializable(typeof(EgressRules))]
[JsonSerializable(typeof(VolumeRecord))]
[JsonSerializable(typeof(IReadOnlyList<VolumeMount>))]
[JsonSerializable(typeof(VolumeCommand))]
[JsonSerializable(typeof(VolumeAnswer))]
public sealed partial class FunctionsJson : JsonSerializerContext;
