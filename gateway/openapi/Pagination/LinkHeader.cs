namespace ToolRuntime.OpenApi.Pagination;

/// <summary>The header <c>Link</c> (RFC 8288).</summary>
internal static class LinkHeader
{
    private static readonly string[] s_otherPages = ["prev", "previous", "first", "last"];

    /// <summary>The target of the first link whose relation is <c>next</c>, or null.</summary>
    public static string? Next(IEnumerable<string> values) => Target(values, "next");

    /// <summary>Whether it names other pages but no next one: this is the last.</summary>
    public static bool IsLast(IReadOnlyCollection<string> values) => Next(values) is null && Array.Exists(s_otherPages, r => Target(values, r) is not null);

    private static string? Target(IEnumerable<string> values, string relation)
    {
        foreach (var value in values)
        {
            for (var rest = value; rest.IndexOf('<') is >= 0 and var open;)
            {
                var close = rest.IndexOf('>', open);
                if (close < 0)
                {
                    break;
                }

                var target = rest[(open + 1)..close];
                rest = rest[(close + 1)..];
                var end = rest.IndexOf('<') is >= 0 and var following ? following : rest.Length;
                if (rest[..end].Split(';').Any(p => Is(p, relation)))
                {
                    return target;
                }

                rest = rest[end..];
            }
        }

        return null;
    }

    private static bool Is(string parameter, string relation)
    {
        var parts = parameter.Split('=', 2);
        return parts.Length == 2 && parts[0].Trim().Equals("rel", StringComparison.OrdinalIgnoreCase)
            && parts[1].Trim('"', ' ', ',').Split(' ').Contains(relation, StringComparer.OrdinalIgnoreCase);
    }
}
