using System.Text;

using ToolRuntime.OpenApi.Search.Index;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Search.Toolset;

/// <summary>
/// What a source's tools are about, in words short enough for a tool list: tags, as a tree where they have parts (<c>users.message</c>), or the
/// first segment of the path where a tool has no tag.
/// </summary>
public static class AreaTree
{
    private static readonly char[] s_separators = ['.', '/', ':', '>'];

    /// <summary>The areas of <paramref name="tool"/>.</summary>
    public static IReadOnlyList<string> Of(ApiTool tool)
    {
        if (tool.Operation.Tags.Count > 0)
        {
            return tool.Operation.Tags;
        }

        var path = ToolPath.Of(tool.Operation.Path);
        var first = path.Places.Concat([path.Parent, path.Thing]).FirstOrDefault(s => s.Length > 0);
        return first is null ? [] : [first];
    }

    /// <summary>Whether a tool of <paramref name="areas"/> is in one of <paramref name="wanted"/> (or below it); case does not matter.</summary>
    public static bool IsIn(IReadOnlyList<string> areas, IReadOnlyList<string> wanted) =>
        wanted.Count == 0 || areas.Any(a => wanted.Any(w => IsBelow(a, w)));

    /// <summary>The areas of all tools with how many tools each has, largest first, in at most <paramref name="budget"/> bytes.</summary>
    public static string Describe(IReadOnlyList<IReadOnlyList<string>> areas, int budget)
    {
        var groups = areas.SelectMany(a => a.Distinct(StringComparer.OrdinalIgnoreCase))
            .GroupBy(Root, StringComparer.OrdinalIgnoreCase)
            .Select(g => (Name: g.Key, Count: g.Count(), Parts: g.Where(a => a.Length > g.Key.Length).GroupBy(a => a, StringComparer.OrdinalIgnoreCase).ToArray()))
            .OrderByDescending(g => g.Count).ThenBy(g => g.Name, StringComparer.Ordinal).ToArray();
        var text = new StringBuilder();
        var left = budget;
        var shown = 0;
        foreach (var group in groups)
        {
            if (!Append(text, $"{(text.Length > 0 ? ", " : "")}{Plain(group.Name)} ({group.Count})", ref left))
            {
                break;
            }

            shown++;
        }

        if (shown < groups.Length)
        {
            return text.Append(System.Globalization.CultureInfo.InvariantCulture, $", {groups.Length - shown} more").ToString();
        }

        foreach (var group in groups.Where(g => g.Parts.Length > 1))
        {
            var parts = group.Parts.OrderByDescending(p => p.Count()).ThenBy(p => p.Key, StringComparer.Ordinal).Take(12).Select(p => Plain(p.Key));
            if (!Append(text, $"; {Plain(group.Name)}: {string.Join(", ", parts)}{(group.Parts.Length > 12 ? ", …" : "")}", ref left))
            {
                break;
            }
        }

        return text.ToString();
    }

    private static string Root(string area)
    {
        var end = area.IndexOfAny(s_separators);
        return end > 0 ? area[..end].Trim() : area;
    }

    private static bool IsBelow(string area, string wanted) =>
        area.StartsWith(wanted, StringComparison.OrdinalIgnoreCase) && (area.Length == wanted.Length || s_separators.Contains(area[wanted.Length]));

    private static bool Append(StringBuilder text, string piece, ref int left)
    {
        var bytes = Encoding.UTF8.GetByteCount(piece);
        if (bytes > left)
        {
            return false;
        }

        left -= bytes;
        text.Append(piece);
        return true;
    }

    // A document's words go into a tool's description: nothing but letters, digits and plain marks, and not many.
    private static string Plain(string name)
    {
        var kept = new string([.. name.Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or '.' or '/' or '&')]).Trim();
        return kept.Length <= 48 ? kept : kept[..48];
    }
}
