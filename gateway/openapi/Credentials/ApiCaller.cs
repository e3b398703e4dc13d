namespace ToolRuntime.OpenApi.Credentials;

/// <summary>Who calls, as far as credentials go.</summary>
public sealed record ApiCaller
{
    /// <summary>Tenant and principal, one string; keeps caches, tokens and kept answers of callers apart.</summary>
    public required string Subject { get; init; }

    /// <summary>The caller's own token, for an exchange, or null.</summary>
    public string? Token { get; init; }

    /// <summary>Headers of the caller's request that the operator lets through, by name without regard to case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Says nothing of tokens.</summary>
    public override string ToString() => Subject;
}
