using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Sources;

/// <summary>What a watch works with, and whom it tells.</summary>
/// <param name="Dialer">Makes its connections.</param>
/// <param name="Refresh">Lets the version with the present lists serve.</param>
/// <param name="Time">The clock.</param>
/// <param name="Works">Hears that the server answered.</param>
/// <param name="Failed">Hears that it did not.</param>
/// <param name="Changed">Hears what is another than before.</param>
internal sealed record WatchParts(
    ServerDialer Dialer,
    VersionRefresh Refresh,
    TimeProvider Time,
    Action<FunctionVersion> Works,
    Action<FunctionVersion, FunctionFault> Failed,
    Action<FunctionVersion, IReadOnlyList<string>> Changed);
