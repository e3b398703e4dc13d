namespace ToolRuntime.Functions;

/// <summary>
/// What holds for requests to one host that <see cref="EgressRules"/> allow; it allows nothing itself. Of several for one host, a request needs
/// one that admits it, and gets the headers of all that do.
/// </summary>
public sealed record EgressHostRule
{
    /// <summary>The host, or <c>*.example.com</c>.</summary>
    public required string Host { get; init; }

    /// <summary>Methods that may be used; empty for all.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>Beginnings of paths that may be asked for, up to a slash (<c>/v1</c> is not <c>/v10</c>) or with <c>*</c> anywhere; empty for all.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Headers that requests get on their way, and the sandbox never sees. A value may end with <c>secret:NAME</c>, and hold <c>${secret:NAME}</c> anywhere.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
}
