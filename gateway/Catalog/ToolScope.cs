using System.IO.Enumeration;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>Which of a tenant's tools an endpoint has: all, those of one source, or those of a set. A tool has the same name in each.</summary>
public sealed class ToolScope
{
    private readonly string? _source;
    private readonly ToolSet? _set;

    private ToolScope(string name, string? source, ToolSet? set) => (Name, _source, _set) = (name, source, set);

    /// <summary>All tools.</summary>
    public static ToolScope All { get; } = new("", null, null);

    /// <summary>The path below <c>/mcp</c>: empty, the source's name, or <c>sets/</c> and the set's.</summary>
    public string Name { get; }

    /// <summary>Whether it has everything.</summary>
    public bool IsAll => _source is null && _set is null;

    /// <summary>The tools of one function or server.</summary>
    public static ToolScope OfSource(string source) => new(source, source, null);

    /// <summary>The tools of a set.</summary>
    public static ToolScope OfSet(ToolSet set) => new($"sets/{set.Name}", null, set);

    /// <summary>Whether it has anything of a source.</summary>
    public bool HasSource(string source) =>
        _set is { } set ? set.Parts.Any(p => IsOf(p, source)) : _source is null || _source == source;

    /// <summary>Whether it has a tool.</summary>
    public bool Has(ToolRoute route)
    {
        var source = route.Version.Manifest.Name;
        return _set is { } set
            ? set.Parts.Any(p => IsOf(p, source) && (p.Tools.Count == 0 || p.Tools.Any(t => FileSystemName.MatchesSimpleExpression(t, route.Tool.Name, ignoreCase: false))))
            : _source is null || _source == source;
    }

    private static bool IsOf(ToolSetPart part, string source) => part.Source == "*" || part.Source == source;
}
