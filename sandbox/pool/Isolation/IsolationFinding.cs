namespace ToolRuntime.Sandbox.Isolation;

/// <summary>What one probe found.</summary>
/// <param name="Probe">What was tried.</param>
/// <param name="Breaches">What it got and must not get; empty where it got nothing.</param>
public sealed record IsolationFinding(string Probe, IReadOnlyList<string> Breaches)
{
    /// <summary>Whether the wall held.</summary>
    public bool Holds => Breaches.Count == 0;
}
