using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>Tools of the gateway itself that stand together under one name.</summary>
/// <param name="Name">The source's name.</param>
/// <param name="Tools">The tools and what they do.</param>
public sealed record OwnSource(string Name, IReadOnlyList<(ToolDefinition Tool, OwnTool Run)> Tools);
