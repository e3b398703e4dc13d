using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>For whom and within what walls a checkpoint is restored.</summary>
/// <param name="Tenant">For whom; only he whose sandbox it was.</param>
/// <param name="Limits">Walls of the restored sandbox; those inside of it stay as they were.</param>
public sealed record RestoreRequest(string Tenant, FunctionLimits Limits)
{
    /// <summary>Told the place while no sandbox is free.</summary>
    public IProgress<WaitingPlace>? Waiting { get; init; }

    /// <summary>Whether it stands still while nothing runs in it; what its programs wait for by the clock may then come 0.2 s late.</summary>
    public bool Rests { get; init; }

    /// <summary>Its volumes: those that it had, which are there before it goes on, and others.</summary>
    public IReadOnlyList<VolumeBinding> Volumes { get; init; } = [];
}
