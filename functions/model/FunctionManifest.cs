namespace ToolRuntime.Functions;

/// <summary>What a tool author may say of a function beside its code. Every member has a default, so a single file needs no manifest.</summary>
public sealed record FunctionManifest
{
    /// <summary>The function's name, see <see cref="Names.IsFunction"/>; defaults to the file's or folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>The language.</summary>
    public required FunctionLanguage Language { get; init; }

    /// <summary>The entry file, relative to the package's root, forward slashes; empty for an MCP server.</summary>
    public string Entry { get; init; } = "";

    /// <summary>The image recipe's name; null chooses by language.</summary>
    public string? Image { get; init; }

    /// <summary>Which calls may share one sandbox.</summary>
    public Isolation Isolation { get; init; }

    /// <summary>Whether a call may be run again after its runtime died.</summary>
    public RetryPolicy Retry { get; init; }

    /// <summary>Most seconds of one call, 1 to 86,400.</summary>
    public int TimeoutSeconds { get; init; } = 300;

    /// <summary>Calls at once in one worker, 1 to 1,024.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>Environment of the function; no secrets here.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Names of stored secrets that the function gets as environment, by message and never by exec.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Walls around a sandbox.</summary>
    public FunctionLimits Limits { get; init; } = new();

    /// <summary>How many sandboxes stand ready.</summary>
    public PoolSettings Pool { get; init; } = new();

    /// <summary>Program and arguments of an MCP server; empty for other languages.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>For an API: where it is and how it is called; null for other languages.</summary>
    public ApiSettings? Api { get; init; }

    /// <summary>Where an MCP server is that runs somewhere else; null for one that runs in a sandbox.</summary>
    public RemoteServer? Remote { get; init; }

    /// <summary>Port on the sandbox's loopback on which an MCP server speaks streamable HTTP, 1 to 65,535; null for stdio.</summary>
    public int? Port { get; init; }

    /// <summary>Stands before the names of an MCP server's tools and prompts, see <see cref="PrefixedNames"/>; null for none.</summary>
    public string? Prefix { get; init; }

    /// <summary>What lists show while an MCP server does not answer; null for its last list.</summary>
    public ListFailure? OnFailure { get; init; }

    /// <summary>Volumes of an MCP server's sandbox.</summary>
    public IReadOnlyList<VolumeMount> Volumes { get; init; } = [];

    /// <summary>Hosts, addresses and networks that an MCP server in a sandbox may reach, as <see cref="EgressRules.Allow"/> has them; none: it has no network.</summary>
    public IReadOnlyList<string> Egress { get; init; } = [];
}
