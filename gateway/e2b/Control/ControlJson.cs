using System.Text.Json;
using System.Text.Json.Serialization;

namespace ToolRuntime.E2b.Control;

/// <summary>What clients send; unknown members are ignored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowReadingFromString, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(NewSandbox))]
[JsonSerializable(typeof(SandboxBody))]
[JsonSerializable(typeof(NetworkBody))]
[JsonSerializable(typeof(JsonDocument))]
internal sealed partial class ControlJson : JsonSerializerContext;
