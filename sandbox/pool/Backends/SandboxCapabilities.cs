namespace ToolRuntime.Sandbox.Backends;

/// <summary>What a backend's sandboxes can. A call that asks for more is refused with <c>NotSupported</c>.</summary>
/// <param name="Backend">The backend's name.</param>
/// <param name="Checkpoint">Memory and files are kept together: pause, snapshot, fork.</param>
/// <param name="FilesOnly">Files are kept alone.</param>
/// <param name="LateMounts">Layers are mounted into one that runs; else they are copied.</param>
/// <param name="Volumes">Volumes are mounted into one that runs.</param>
/// <param name="Ports">Its ports are reached from outside.</param>
/// <param name="Resize">Memory and processors are changed while it runs.</param>
public sealed record SandboxCapabilities(string Backend, bool Checkpoint, bool FilesOnly, bool LateMounts, bool Volumes, bool Ports, bool Resize)
{
    /// <summary>Their names, as records and the doctor show them.</summary>
    public IReadOnlyList<string> Names =>
    [
        .. new[] { (Checkpoint, "checkpoint"), (FilesOnly, "files"), (LateMounts, "lateMounts"), (Volumes, "volumes"), (Ports, "ports"), (Resize, "resize") }.Where(c => c.Item1).Select(c => c.Item2),
    ];

    /// <summary>gVisor, run directly.</summary>
    public static SandboxCapabilities Runsc { get; } = new("runsc", Checkpoint: true, FilesOnly: true, LateMounts: true, Volumes: true, Ports: true, Resize: true);

    /// <summary>A Docker Engine.</summary>
    public static SandboxCapabilities Docker { get; } = new("docker", Checkpoint: false, FilesOnly: true, LateMounts: false, Volumes: false, Ports: true, Resize: false);

    /// <summary>All backends.</summary>
    public static IReadOnlyList<SandboxCapabilities> All { get; } = [Runsc, Docker];
}
