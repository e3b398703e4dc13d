namespace ToolRuntime.OpenApi.Search.Index;

/// <summary>A path as search sees it.</summary>
/// <param name="Places">Literal segments before <paramref name="Parent"/>.</param>
/// <param name="Parent">The literal segment before the last; empty for none.</param>
/// <param name="Thing">The last literal segment; empty for none.</param>
/// <param name="EndsInParameter">Whether a parameter follows the last literal segment: one thing, not all of them.</param>
/// <param name="IsOnTrial">Whether a segment says alpha or beta.</param>
internal sealed record ToolPath(IReadOnlyList<string> Places, string Parent, string Thing, bool EndsInParameter, bool IsOnTrial)
{
    /// <summary>Reads <paramref name="path"/>.</summary>
    public static ToolPath Of(string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var literals = segments.Where(s => s[0] != '{' && !IsPrefix(s)).ToArray();
        return new ToolPath(
            literals.Length > 1 ? literals[..^2] : [],
            literals.Length > 1 ? literals[^2] : "",
            literals.Length > 0 ? literals[^1] : "",
            segments.Length > 0 && segments[^1][0] == '{',
            segments.Any(s => s[0] != '{' && (s.Contains("alpha", StringComparison.OrdinalIgnoreCase) || s.Contains("beta", StringComparison.OrdinalIgnoreCase))));
    }

    // Versions and the like lead to everything, so they say nothing.
    private static bool IsPrefix(string segment) =>
        segment is "api" or "apis" or "rest" || (segment.Length <= 8 && segment[0] is 'v' or 'V' && segment.Length > 1 && char.IsAsciiDigit(segment[1]));
}
