using System.Text.Json.Serialization;

namespace ToolRuntime.E2b.Templates;

/// <summary>What clients send; unknown members are ignored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowReadingFromString, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(TemplateBody))]
[JsonSerializable(typeof(BuildBody))]
[JsonSerializable(typeof(TagsBody))]
internal sealed partial class TemplatesJson : JsonSerializerContext;
