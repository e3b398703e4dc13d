namespace ToolRuntime.Bus.State;

/// <summary>What a runtime says of itself when it takes or keeps a session.</summary>
/// <param name="Runtime">Its id.</param>
/// <param name="Lifetime">How long the session stays its own without a heartbeat.</param>
/// <param name="Address">Where its pipes are reached, <c>host:port</c>, or null inside one process.</param>
public sealed record OwnerClaim(string Runtime, TimeSpan Lifetime, string? Address)
{
    private static readonly IReadOnlyDictionary<string, string> s_none = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The versions of which the session has a sandbox, by function; asked again whenever the entry was changed in between.</summary>
    public Func<IReadOnlyDictionary<string, string>> Versions { get; init; } = () => s_none;
}
