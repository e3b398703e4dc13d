using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation.Sources;

/// <summary>Lets a version take the place of the one that <paramref name="from"/> names, if that still serves; false when it does not.</summary>
public delegate Task<bool> VersionRefresh(FunctionVersion version, string from, CancellationToken cancellationToken);
