namespace ToolRuntime.Sandbox.Debian;

/// <summary>One archive of a machine's package sources.</summary>
/// <param name="Uri">The archive's address.</param>
/// <param name="Suite">Suite such as <c>bookworm-updates</c>.</param>
/// <param name="Components">Components, at least one.</param>
/// <param name="SignedBy">Absolute path of its keyring, or null for the machine's trusted keys.</param>
public sealed record AptSource(string Uri, string Suite, IReadOnlyList<string> Components, string? SignedBy)
{
    /// <summary>The one-line form that apt and mmdebstrap read.</summary>
    public string ToLine()
    {
        var options = SignedBy is null ? "" : $"[signed-by={SignedBy}] ";
        return $"deb {options}{Uri} {Suite} {string.Join(' ', Components)}";
    }
}
