using System.Text.Json.Serialization;

namespace ToolRuntime.E2b.Interpreter;

/// <summary>What clients send; unknown members are ignored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowReadingFromString, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ExecuteBody))]
internal sealed partial class InterpreterJson : JsonSerializerContext;
