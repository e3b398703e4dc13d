namespace ToolRuntime.Runtime.Building.Dependencies;

/// <summary>One package that a script names.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">Its exact version.</param>
internal sealed record NuGetPackage(string Id, string Version);
