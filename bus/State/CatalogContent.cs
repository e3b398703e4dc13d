using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>All that the catalog holds.</summary>
/// <param name="Records">The records, removed ones included, each with its revision.</param>
/// <param name="Versions">The versions, active or not, each with its revision.</param>
public sealed record CatalogContent(IReadOnlyList<(FunctionRecord Record, ulong Revision)> Records, IReadOnlyList<(FunctionVersion Version, ulong Revision)> Versions);
