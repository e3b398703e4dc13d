using System.Text.Json.Serialization;

namespace ToolRuntime.E2b.Envd;

/// <summary>Body of <c>POST /files/compose</c>.</summary>
internal sealed record ComposeBody
{
    [JsonPropertyName("source_paths")]
    public IReadOnlyList<string>? SourcePaths { get; init; }

    [JsonPropertyName("destination")]
    public string? Destination { get; init; }

    [JsonPropertyName("username")]
    public string? Username { get; init; }
}
