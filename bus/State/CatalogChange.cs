using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>A change of the catalog.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Name">Which function.</param>
/// <param name="Record">What it is now, or null when removed.</param>
/// <param name="IsCurrent">True on the marker that says: all that stood has been given.</param>
public sealed record CatalogChange(string Tenant, string Name, FunctionRecord? Record, bool IsCurrent = false)
{
    /// <summary>The version that the record lets callers use, where it came with it; null also where there is none.</summary>
    public FunctionVersion? Version { get; init; }
}
