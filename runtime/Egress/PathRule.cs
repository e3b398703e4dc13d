namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// Whether a path is one of those that begin so. A beginning ends at a slash: <c>/v1</c> is <c>/v1</c> and <c>/v1/models</c>, not <c>/v10</c>;
/// one that ends with <c>*</c> is any beginning. A path that servers read in several ways (dot segments, encoded slashes, backslashes) is none.
/// </summary>
internal static class PathRule
{
    private static readonly string[] s_ambiguous = ["%2e", "%2f", "%5c", "%00", "\\", "//", ";"];

    /// <summary>Whether <paramref name="path"/>, with or without a query, begins as one of <paramref name="beginnings"/>.</summary>
    public static bool Admits(IReadOnlyList<string> beginnings, string path)
    {
        if (beginnings.Count == 0)
        {
            return true;
        }

        var plain = WithoutQuery(path);
        return !IsAmbiguous(plain) && beginnings.Any(beginning => Begins(plain, beginning));
    }

    /// <summary>A path without its query.</summary>
    public static string WithoutQuery(string path) => path.IndexOfAny(['?', '#']) is >= 0 and var at ? path[..at] : path;

    private static bool Begins(string path, string beginning)
    {
        if (beginning.EndsWith('*'))
        {
            return path.StartsWith(beginning.AsSpan(0, beginning.Length - 1), StringComparison.Ordinal);
        }

        return path.StartsWith(beginning, StringComparison.Ordinal)
            && (path.Length == beginning.Length || beginning.EndsWith('/') || path[beginning.Length] == '/');
    }

    private static bool IsAmbiguous(string path) =>
        s_ambiguous.Any(mark => path.Contains(mark, StringComparison.OrdinalIgnoreCase)) || path.Split('/').Any(segment => segment is "." or "..");
}
