using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>What is wanted of a lease.</summary>
/// <param name="Kind">Which kind.</param>
/// <param name="Tenant">For whom; a sandbox never serves two tenants.</param>
/// <param name="Limits">Walls, set at lease.</param>
/// <param name="Layers">Mounted at lease, in order.</param>
public sealed record LeaseRequest(PoolKind Kind, string Tenant, FunctionLimits Limits, IReadOnlyList<LayerReference> Layers)
{
    /// <summary>Whether it is booted for this lease, never taken warm or from a snapshot: so it has a boot id of its own.</summary>
    public bool IsFresh { get; init; }

    /// <summary>Whether it stands still while nothing runs in it; what its programs wait for by the clock may then come 0.2 s late.</summary>
    public bool Rests { get; init; }

    /// <summary>Volumes that it gets.</summary>
    public IReadOnlyList<VolumeBinding> Volumes { get; init; } = [];
}
