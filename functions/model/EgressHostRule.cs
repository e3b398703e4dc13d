namespace ToolRuntime.Functions;

/// <summary>What holds for requests to one host.</summary>
public sealed record EgressHostRule
{
    /// <summary>The host, or <c>*.example.com</c>.</summary>
    public required string Host { get; init; }

    /// <summary>Methods that may be used; empty for all.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>Beginnings of paths that may be asked for; empty for all.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Headers that requests get on their way, and the sandbox never sees. A value may end with <c>secret:NAME</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
}
