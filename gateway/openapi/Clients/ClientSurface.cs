using System.Security.Cryptography;
using System.Text;

using ToolRuntime.OpenApi.Search.Toolset;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Clients;

/// <summary>
/// The tools of a source as objects with methods, one object for each tag. Names depend on the tools alone and not on which of them are written
/// out, so that a script keeps working when more is shown. Making it reads no schema.
/// </summary>
public sealed class ClientSurface
{
    private ClientSurface(IReadOnlyList<ClientMethod> methods) => Methods = methods;

    /// <summary>All methods, in the order of the tools.</summary>
    public IReadOnlyList<ClientMethod> Methods { get; }

    /// <summary>The objects, in the order of their first methods.</summary>
    public IEnumerable<string> Groups => Methods.Select(m => m.Group).Distinct(StringComparer.Ordinal);

    /// <summary>Names the methods of <paramref name="tools"/>.</summary>
    /// <param name="tools">The source's tools.</param>
    /// <param name="prefix">What their names begin with; left out of the methods' names.</param>
    public static ClientSurface Of(IReadOnlyList<ApiTool> tools, string prefix)
    {
        var groups = new Dictionary<string, string>(StringComparer.Ordinal);
        var drafts = new List<(ApiTool Tool, string Group, string Name)>(tools.Count);
        foreach (var tool in tools)
        {
            var group = Identifiers.Snake(AreaTree.Of(tool) is [var area, ..] ? area : "api");
            if (!groups.TryAdd(Identifiers.Key(group), group))
            {
                group = groups[Identifiers.Key(group)];
            }

            drafts.Add((tool, group, NameOf(tool, group, prefix)));
        }

        var taken = drafts.GroupBy(d => (d.Group, Identifiers.Key(d.Name))).Where(g => g.Count() > 1).Select(g => g.Key).ToHashSet();
        return new ClientSurface([.. drafts.Select(d => new ClientMethod(d.Tool, d.Group, taken.Contains((d.Group, Identifiers.Key(d.Name))) ? $"{d.Name}_{Mark(d.Tool)}" : d.Name))]);
    }

    /// <summary>The methods of one object.</summary>
    public IEnumerable<ClientMethod> In(string group) => Methods.Where(m => string.Equals(m.Group, group, StringComparison.Ordinal));

    /// <summary>The methods that call these tools, in the order of the tools given.</summary>
    public IEnumerable<ClientMethod> Of(IEnumerable<ApiTool> tools)
    {
        var byName = Methods.ToDictionary(m => m.Tool.Name, StringComparer.Ordinal);
        return tools.Where(t => byName.ContainsKey(t.Name)).Select(t => byName[t.Name]);
    }

    // issues.list rather than issues.issues_list
    private static string NameOf(ApiTool tool, string group, string prefix)
    {
        var name = Identifiers.Snake(tool.Name.StartsWith(prefix, StringComparison.Ordinal) && tool.Name.Length > prefix.Length ? tool.Name[prefix.Length..] : tool.Name);
        return name.StartsWith(group + "_", StringComparison.Ordinal) && !char.IsAsciiDigit(name[group.Length + 1]) ? name[(group.Length + 1)..] : name;
    }

    // Of the name, which no two tools share: a new tool moves no other's name but those of its like.
    private static string Mark(ApiTool tool) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tool.Name)))[..6];
}
