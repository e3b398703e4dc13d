using System.Text.Json.Serialization;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Pipes;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PipeEndpoint))]
[JsonSerializable(typeof(PipeAddress))]
[JsonSerializable(typeof(FunctionFault))]
internal sealed partial class PipesJson : JsonSerializerContext;
