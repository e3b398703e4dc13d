namespace ToolRuntime.Functions;

/// <summary>What an operator says of an HTTP API beside its document.</summary>
public sealed record ApiSettings
{
    /// <summary>Where the document came from, absolute; relative servers are meant against it, and it is asked again for changes. Null for one that was handed over.</summary>
    public string? Source { get; init; }

    /// <summary>The root document's name among the stored documents.</summary>
    public required string Root { get; init; }

    /// <summary>Base URL that stands for the document's servers, or null.</summary>
    public string? Server { get; init; }

    /// <summary>Values of server variables, by name.</summary>
    public IReadOnlyDictionary<string, string> ServerVariables { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Hosts, addresses and CIDR ranges that may be reached although they are private.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Credentials, each <c>[SCHEME=]KIND:…:REFERENCE</c> such as <c>bearer:secret:SHOP_TOKEN</c>; without a scheme's name it serves whatever scheme it fits. References only, never a secret itself.</summary>
    public IReadOnlyList<string> Credentials { get; init; } = [];

    /// <summary>Reference to a client certificate (PEM with its key), or null.</summary>
    public string? Certificate { get; init; }

    /// <summary>Headers of the caller's own request that are handed on to the API.</summary>
    public IReadOnlyList<string> PassHeaders { get; init; } = [];

    /// <summary>Only operations that change nothing.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Only operations with one of these tags; empty for all.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>No operation with one of these tags.</summary>
    public IReadOnlyList<string> ExcludeTags { get; init; } = [];

    /// <summary>Only operations whose id or tool name fits one of these globs; empty for all.</summary>
    public IReadOnlyList<string> Operations { get; init; } = [];

    /// <summary>What every tool's name begins with; it counts into the 64 characters of a name. Null stands for the source's name and <c>_</c>.</summary>
    public string? Prefix { get; init; }

    /// <summary>With more tools than this the source is offered as search, describe and call; 0 to 100,000.</summary>
    public int ListAtMost { get; init; } = 40;

    /// <summary>Seconds between two looks at <see cref="Source"/>, 10 to 86,400; 0 looks only when asked.</summary>
    public int RefreshSeconds { get; init; } = 300;
}
