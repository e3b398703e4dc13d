using System.Text.Json.Serialization;

namespace ToolRuntime.E2b.Envd;

/// <summary>What clients send; unknown members are ignored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowReadingFromString, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ProcessBody))]
[JsonSerializable(typeof(FilesystemBody))]
[JsonSerializable(typeof(ComposeBody))]
internal sealed partial class EnvdJson : JsonSerializerContext;
