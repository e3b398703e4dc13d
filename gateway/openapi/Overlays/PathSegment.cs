namespace ToolRuntime.OpenApi.Overlays;

/// <summary>A step of a path.</summary>
/// <param name="IsDescendant">Whether it starts from everything below as well (<c>..</c>).</param>
/// <param name="Selectors">What it takes; at least one.</param>
internal sealed record PathSegment(bool IsDescendant, IReadOnlyList<PathSelector> Selectors);
