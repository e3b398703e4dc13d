using System.Text.Json.Serialization;

namespace ToolRuntime.OpenApi.Grpc;

/// <summary>What a server answered to reflection, as a document.</summary>
/// <param name="Services">Its services.</param>
/// <param name="Symbols">By symbol, which of the files it sent for it.</param>
/// <param name="Names">By file name, likewise.</param>
/// <param name="Files">Serialised descriptors, base64, each once.</param>
internal sealed record DescriptionRecord(
    IReadOnlyList<string> Services, SortedDictionary<string, List<int>> Symbols, SortedDictionary<string, List<int>> Names, List<string> Files);

/// <summary>How the document is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DescriptionRecord))]
internal sealed partial class DescriptionJson : JsonSerializerContext;
