using System.Text.Json.Serialization;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>The schema of a text that can be only one.</summary>
internal sealed record FixedText(string Type, string Const, string Default);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FixedText))]
internal sealed partial class FixedTextContext : JsonSerializerContext;
