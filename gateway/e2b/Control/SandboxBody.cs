using System.Text.Json.Serialization;

namespace ToolRuntime.E2b.Control;

/// <summary>Bodies of what is done with one sandbox; which members count depends on the route.</summary>
internal sealed record SandboxBody
{
    public int? Timeout { get; init; }

    public bool? Memory { get; init; }

    public bool? AutoPause { get; init; }

    public string? Name { get; init; }

    public int? Count { get; init; }

    [JsonPropertyName("snapshotID")]
    public string? SnapshotId { get; init; }
}
