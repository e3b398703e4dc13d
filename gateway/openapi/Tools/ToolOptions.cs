namespace ToolRuntime.OpenApi.Tools;

/// <summary>Which operations become tools, and how.</summary>
public sealed record ToolOptions
{
    /// <summary>Longest prefix.</summary>
    public const int LongestPrefix = 32;

    /// <summary>Bytes of one schema when nothing else is said.</summary>
    public const int DefaultBudget = 8 * 1024;

    /// <summary>What every name begins with, for example <c>shop_</c>: at most <see cref="LongestPrefix"/> of <c>[A-Za-z0-9_-]</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Most bytes of one schema, of arguments or results; at least 512.</summary>
    public int SchemaBudget { get; init; } = DefaultBudget;

    /// <summary>Only operations that change nothing (GET, HEAD, OPTIONS, QUERY, TRACE).</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Only operations with one of these tags; empty for all.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>No operations with one of these tags.</summary>
    public IReadOnlyList<string> ExcludedTags { get; init; } = [];

    /// <summary>Only operations whose id or <c>METHOD /path</c> matches one of these, where <c>*</c> stands for anything; empty for all.</summary>
    public IReadOnlyList<string> Operations { get; init; } = [];

    /// <summary>No operations whose id or <c>METHOD /path</c> matches one of these.</summary>
    public IReadOnlyList<string> ExcludedOperations { get; init; } = [];

    /// <summary>Only these methods; empty for all.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];
}
