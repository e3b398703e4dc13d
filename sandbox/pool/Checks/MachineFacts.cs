using ToolRuntime.Sandbox.Runsc;

namespace ToolRuntime.Sandbox.Checks;

/// <summary>What the doctor has to know of a machine, gathered apart from what it makes of it.</summary>
internal sealed record MachineFacts
{
    public required bool IsRoot { get; init; }

    public required RunscBinary? Runsc { get; init; }

    /// <summary>The configured platform, and the remembered choice for <c>auto</c>.</summary>
    public required string Platform { get; init; }

    /// <summary>1, 2, or 0 when a controller is missing.</summary>
    public required int CgroupVersion { get; init; }

    public required bool CgroupIsWritable { get; init; }

    /// <summary>Why a bind mount could not be made and shared, or null when it could.</summary>
    public required string? MountFailure { get; init; }

    /// <summary>Tools that images are built with and that are not on PATH.</summary>
    public required IReadOnlyList<string> MissingTools { get; init; }

    /// <summary>Images that stand ready in the cache.</summary>
    public required bool BaseImageIsBuilt { get; init; }

    public required long FreeBytes { get; init; }
}
