namespace ToolRuntime.Sandbox.Pools;

/// <summary>Why a sandbox ended.</summary>
public enum SandboxEnd
{
    /// <summary>The host ended it.</summary>
    Released,

    /// <summary>It was suspended into a checkpoint.</summary>
    Suspended,

    /// <summary>It ended by itself.</summary>
    Lost,

    /// <summary>The kernel ended it for its memory limit.</summary>
    OutOfMemory,
}
