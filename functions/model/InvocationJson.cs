using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(InvocationHead))]
internal sealed partial class InvocationJson : JsonSerializerContext;
