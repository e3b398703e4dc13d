namespace ToolRuntime.Gateway.Apis;

/// <summary>Names of sources that nobody named.</summary>
public static class ApiNames
{
    private const int Longest = 24;
    private static readonly HashSet<string> s_empty = ["api", "rest", "the", "openapi", "swagger", "spec", "specification", "v1", "v2", "v3"];

    /// <summary>A source's name from its title: what stands in front of its tools, so rather short. Pure.</summary>
    public static string From(string title)
    {
        var words = title.Split([.. " \t\r\n-_./:,;()[]{}'\"|&+"], StringSplitOptions.RemoveEmptyEntries)
            .Select(w => new string([.. w.Where(char.IsAsciiLetterOrDigit)]).ToLowerInvariant())
            .Where(w => w.Length > 0 && !s_empty.Contains(w))
            .SkipWhile(w => !char.IsAsciiLetter(w[0]));
        var name = "";
        foreach (var word in words)
        {
            if (name.Length > 0 && name.Length + word.Length > Longest)
            {
                break;
            }

            name = name.Length == 0 ? word[..Math.Min(word.Length, Longest)] : $"{name}-{word}";
        }

        return name.Length > 0 ? name : "api";
    }
}
