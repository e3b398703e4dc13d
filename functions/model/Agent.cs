namespace ToolRuntime.Functions;

/// <summary>An agent somewhere else that is reached through the gateway by the A2A protocol.</summary>
public sealed record Agent
{
    /// <summary>Whose it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>Its name, see <see cref="Names.IsFunction"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute <c>http</c> or <c>https</c> URL of the agent, below which its card stands.</summary>
    public required string Url { get; init; }

    /// <summary>Headers of every request, by name. A value may end with <c>secret:NAME</c>, which stands for a stored secret.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Addresses, hosts or networks that may be reached though they are private.</summary>
    public IReadOnlyList<string> AllowHosts { get; init; } = [];
}
