using System.Text.Json.Serialization;

namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>How a container is.</summary>
internal sealed record ContainerState(bool Running, int ExitCode, string? Error)
{
    [JsonPropertyName("OOMKilled")]
    public bool OutOfMemoryKilled { get; init; }
}
