using System.Text.Json.Serialization;

namespace ToolRuntime.E2b.Templates;

/// <summary>Body of <c>POST /v3/templates</c>.</summary>
internal sealed record TemplateBody
{
    public string? Name { get; init; }

    public string? Alias { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public int? CpuCount { get; init; }

    [JsonPropertyName("memoryMB")]
    public int? MemoryMiB { get; init; }
}
