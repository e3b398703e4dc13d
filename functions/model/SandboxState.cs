using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>What a sandbox that callers drive is doing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SandboxState>))]
public enum SandboxState
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>It lies on disk, with its memory or with its files only, and costs nothing else.</summary>
    Paused,

    /// <summary>It ended by itself; the record is left to say why, and goes with its age.</summary>
    Ended,
}
