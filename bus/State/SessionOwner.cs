namespace ToolRuntime.Bus.State;

/// <summary>Who runs a session's sandboxes.</summary>
/// <param name="Runtime">The runtime's id.</param>
/// <param name="Epoch">Grows with each change of owner.</param>
/// <param name="Expires">When another may take it.</param>
/// <param name="Address">Where its pipes are reached, <c>host:port</c>, or null inside one process.</param>
public sealed record SessionOwner(string Runtime, ulong Epoch, DateTimeOffset Expires, string? Address)
{
    private static readonly IReadOnlyDictionary<string, string> s_none = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The versions of which the session has a sandbox, by function: its calls go on there while others are served by a newer one.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init => field = value ?? s_none; } = s_none;
}
