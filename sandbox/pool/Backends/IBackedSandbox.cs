using ToolRuntime.Sandbox.Cgroups;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Sandbox.Backends;

/// <summary>A sandbox as its backend runs it: a channel to its agent, walls, and an end that leaves nothing.</summary>
internal interface IBackedSandbox : IAsyncDisposable
{
    /// <summary>Its id.</summary>
    string Id { get; }

    /// <summary>Ends when the backend has started it; faults with SandboxLost where it refused.</summary>
    Task Started { get; }

    /// <summary>What the agent writes; ends when the sandbox has ended.</summary>
    Stream FromAgent { get; }

    /// <summary>What the agent reads.</summary>
    Stream ToAgent { get; }

    /// <summary>The image that it runs, and what that image is made of.</summary>
    (string Name, string Digest) Image { get; }

    /// <summary>The last of what backend and agent wrote to their standard error, at most 16 KiB.</summary>
    string Log();

    /// <summary>What it can.</summary>
    SandboxCapabilities Capabilities { get; }

    /// <summary>Whether it was ended for its memory limit.</summary>
    bool WasOutOfMemory { get; }

    /// <summary>Rewrites the limits.</summary>
    void SetLimits(in CgroupLimits limits);

    /// <summary>Takes every processor from it until <see cref="Thaw"/>, where the backend can; its memory stays. False where it cannot, or not yet. Idempotent.</summary>
    bool Freeze();

    /// <summary>Lets it go on. Idempotent.</summary>
    void Thaw();

    /// <summary>Whether code of its programs has run since this was asked last; null where the backend cannot tell. Not for several threads at once.</summary>
    bool? HasRun();

    /// <summary>Mounts the host's folder <paramref name="source"/> read-only at <c>/layers/name</c>; seen inside at once.</summary>
    void MountLayer(string source, string name);

    /// <summary>Mounts a volume at <c>/volumes/name</c>; seen inside at once.</summary>
    /// <exception cref="ToolRuntime.Functions.FunctionFaultException">NotSupported.</exception>
    void MountVolume(VolumeBinding volume);
}
