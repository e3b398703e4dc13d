namespace ToolRuntime.Bus.Pipes;

/// <summary>Where to open a pipe.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Session">The session.</param>
/// <param name="Target">What it leads to.</param>
/// <param name="Argument">Which one, see <see cref="PipeTarget"/>.</param>
public sealed record PipeAddress(string Tenant, string Session, PipeTarget Target, string Argument)
{
    /// <summary>The runtime that has what the pipe leads to, or null for the session's owner.</summary>
    public string? Runtime { get; init; }
}
