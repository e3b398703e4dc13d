namespace ToolRuntime.Cli.Sources;

/// <summary>A server to add: where it is or how it is started, and what its description asks for beside what the command line says.</summary>
internal sealed record SourcePlan
{
    public required string Name { get; init; }

    /// <summary>URL of a remote server, or null.</summary>
    public string? Url { get; init; }

    /// <summary><c>streamable-http</c> or <c>sse</c> of a remote server where its description says so, or null.</summary>
    public string? Transport { get; init; }

    /// <summary>Command line of a server in a sandbox; empty for a remote one.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Headers that the description asks for.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Environment that the description gives; what it leaves open has the value null.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Names of secrets that must be stored.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    public bool IsRemote => Url is not null;

    public static SourcePlan Remote(string name, string url) => new() { Name = name, Url = url };

    public static SourcePlan Command(string name, IReadOnlyList<string> words) => new() { Name = name, Words = words };
}
