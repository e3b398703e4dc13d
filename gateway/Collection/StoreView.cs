using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Collection;

/// <summary>What is stored, as far as the rule looks at it.</summary>
/// <param name="Records">What names stand for.</param>
/// <param name="Versions">All versions.</param>
/// <param name="InSessions">Versions that live sessions use, as tenant and digest.</param>
/// <param name="Objects">Packages and layers.</param>
public sealed record StoreView(
    IReadOnlyList<FunctionRecord> Records,
    IReadOnlyList<FunctionVersion> Versions,
    IReadOnlySet<(string Tenant, string Digest)> InSessions,
    IReadOnlyList<StoredObject> Objects);
