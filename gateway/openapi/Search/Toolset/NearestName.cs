namespace ToolRuntime.OpenApi.Search.Toolset;

/// <summary>Finds the names that somebody may have meant.</summary>
public static class NearestName
{
    private const double LeastLikeness = 0.3;

    /// <summary>The <paramref name="count"/> of <paramref name="names"/> that share the most pairs of letters with <paramref name="name"/>, best first; fewer where others share too few.</summary>
    public static IReadOnlyList<string> Of(string name, IEnumerable<string> names, int count)
    {
        var pairs = Pairs(name);
        return
        [
            .. names.Select(n => (Name: n, Likeness: Likeness(pairs, Pairs(n))))
                .Where(n => n.Likeness >= LeastLikeness)
                .OrderByDescending(n => n.Likeness).ThenBy(n => n.Name, StringComparer.Ordinal)
                .Take(count).Select(n => n.Name),
        ];
    }

    private static double Likeness(HashSet<(char, char)> left, HashSet<(char, char)> right) =>
        left.Count + right.Count == 0 ? 0 : 2.0 * left.Count(right.Contains) / (left.Count + right.Count);

    private static HashSet<(char First, char Second)> Pairs(string name)
    {
        var letters = name.ToLowerInvariant();
        var pairs = new HashSet<(char, char)>();
        for (var i = 1; i < letters.Length; i++)
        {
            pairs.Add((letters[i - 1], letters[i]));
        }

        return pairs;
    }
}
