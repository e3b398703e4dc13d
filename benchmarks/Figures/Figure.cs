namespace ToolRuntime.Benchmarks.Figures;

/// <summary>One line of the table.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure, with its unit.</param>
/// <param name="Peer">What it is set against and what that reached in the same run; empty for a physical bound.</param>
/// <param name="Ratio">The ratio of the two, or null where the bar is absolute.</param>
/// <param name="Bar">What is asked for.</param>
/// <param name="Passed">Whether it was reached; null where the line is for the reader only.</param>
internal sealed record Figure(string Name, string Value, string Peer, double? Ratio, string Bar, bool? Passed);
