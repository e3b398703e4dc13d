using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Collection;

/// <summary>What goes.</summary>
/// <param name="Records">Records that change: what they are after it. One without any version goes whole.</param>
/// <param name="Versions">Versions, each after its record has changed.</param>
/// <param name="Objects">Packages and layers, after the versions.</param>
public sealed record CollectionPlan(IReadOnlyList<FunctionRecord> Records, IReadOnlyList<FunctionVersion> Versions, IReadOnlyList<StoredObject> Objects);
