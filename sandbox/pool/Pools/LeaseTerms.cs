using ToolRuntime.Functions;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>What a lease was made for, which a checkpoint of it remembers.</summary>
/// <param name="Tenant">For whom.</param>
/// <param name="Limits">Its walls.</param>
/// <param name="Layers">Its layers, in order.</param>
internal sealed record LeaseTerms(string? Tenant, FunctionLimits Limits, IReadOnlyList<LayerReference> Layers);
