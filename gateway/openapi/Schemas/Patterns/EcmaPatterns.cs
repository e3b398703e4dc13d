namespace ToolRuntime.OpenApi.Schemas.Patterns;

/// <summary>
/// Patterns of documents against ECMA-262 with the <c>u</c> flag, which is how JSON Schema's readers compile them. What only needs an escape more
/// or less gets it; other dialects' patterns and such as take exponential time to match are refused.
/// </summary>
internal static class EcmaPatterns
{
    private const int Longest = 1_000;

    /// <summary>The pattern, mended where it must be; or null and the reason.</summary>
    public static (string? Pattern, string Reason) Check(string pattern)
    {
        if (pattern.Length > Longest)
        {
            return (null, $"has more than {Longest} characters");
        }

        try
        {
            return (new PatternParser(Undelimited(pattern)).Parse(), "");
        }
        catch (PatternException error)
        {
            return (null, error.Message);
        }
    }

    /// <summary>Without the slashes that some generators take over from literals.</summary>
    private static string Undelimited(string pattern)
    {
        var end = pattern.LastIndexOf('/');
        if (!pattern.StartsWith("/^", StringComparison.Ordinal) || end < 2 || pattern[end - 1] != '$' || pattern.AsSpan(end + 1).ContainsAnyExceptInRange('a', 'z'))
        {
            return pattern;
        }

        return pattern.AsSpan(end + 1).Contains('i') ? throw new PatternException("does not tell cases apart, which a schema cannot say") : pattern[1..end];
    }
}
