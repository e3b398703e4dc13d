using System.Text.Json;
using System.Text.Json.Serialization;

using ToolRuntime.E2b.Control;
using ToolRuntime.E2b.Envd;
using ToolRuntime.E2b.Interpreter;

namespace ToolRuntime.E2b.Http;

/// <summary>What clients of E2B's protocol send; unknown members are ignored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(NewSandbox))]
[JsonSerializable(typeof(SandboxBody))]
[JsonSerializable(typeof(NetworkBody))]
[JsonSerializable(typeof(ProcessBody))]
[JsonSerializable(typeof(FilesystemBody))]
[JsonSerializable(typeof(ExecuteBody))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonDocument))]
internal sealed partial class E2bJson : JsonSerializerContext;
