namespace ToolRuntime.OpenApi.Credentials;

/// <summary>The credentials of a source.</summary>
public sealed record ApiCredentials
{
    /// <summary>No credential.</summary>
    public static ApiCredentials None { get; } = new();

    /// <summary>Credentials by the name of the document's scheme.</summary>
    public IReadOnlyDictionary<string, ApiCredential> Named { get; init; } = new Dictionary<string, ApiCredential>(StringComparer.Ordinal);

    /// <summary>Credentials for every scheme that they fit, and for documents that say nothing of credentials at all.</summary>
    public IReadOnlyList<ApiCredential> Unnamed { get; init; } = [];

    /// <summary>Hosts that credentials may go to; empty for the hosts of the document's servers and the base URL.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];
}
