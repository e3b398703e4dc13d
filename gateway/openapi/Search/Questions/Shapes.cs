using System.Buffers;

namespace ToolRuntime.OpenApi.Search.Questions;

/// <summary>Names that say what they are by how they are written: <c>shop.example.com</c> is a host, <c>nginx.conf</c> a file, <c>9f3c2e1</c> a commit, <c>v1.4</c> a version.</summary>
internal static class Shapes
{
    private const int ShortestHash = 6;
    private const int LongestHash = 64;

    private static readonly HashSet<string> s_zones = new(StringComparer.OrdinalIgnoreCase) { "com", "org", "net", "io", "dev", "app", "de", "fr", "uk", "eu", "co", "ai", "cloud", "local", "internal", "test", "example" };

    private static readonly HashSet<string> s_endings = new(StringComparer.OrdinalIgnoreCase)
    {
        "conf", "cfg", "ini", "yaml", "yml", "json", "toml", "xml", "txt", "md", "html", "css", "py", "js", "ts", "cs", "go", "rs", "java", "rb", "php", "sh", "sql", "pdf", "png", "jpg", "svg", "log", "env", "lock",
    };

    private static readonly HashSet<string> s_noOwners = new(StringComparer.OrdinalIgnoreCase) { "and", "he", "his", "read", "in", "on", "yes", "ci", "heads", "tags", "refs", "src", "text", "image", "application" };

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789.");

    private static readonly string[] s_sizes = ["gb", "gib", "gi", "tb", "tib", "ti", "gig", "gigs"];

    /// <summary>The text with such names said in words, as far as a question is read.</summary>
    /// <param name="text">The question.</param>
    /// <param name="lexicon">What abbreviations and ids are short for.</param>
    public static string Name(string text, Lexicon lexicon) => string.Join(' ', text.Split(' ', Question.LongestQuestion + 1).Select(p => Named(p, text, lexicon)));

    private static string Named(string part, string text, Lexicon lexicon)
    {
        var word = part.TrimEnd('.', ',', '?', '!', ':', ';', ')', '"', '\'').TrimStart('(', '"', '\'');
        var name = word.EndsWith("'s", StringComparison.Ordinal) ? word[..^2] : word;
        if (lexicon.LongFormOf(name.ToLowerInvariant()) is { } whole)
        {
            return text.Contains(whole, StringComparison.OrdinalIgnoreCase) ? part : part.Replace(name, whole, StringComparison.Ordinal);
        }

        return SaidOf(word) is { } said ? part.Replace(word, said, StringComparison.Ordinal) : part;
    }

    private static string? SaidOf(string word)
    {
        if (word.Length < 2 || word.Contains("//", StringComparison.Ordinal))
        {
            return null;
        }

        var dot = word.LastIndexOf('.');
        return dot > 0 && !IsVersion(word) ? Dotted(word, dot)
            : IsHash(word) ? "sha"
            : word[^1] == '%' && char.IsAsciiDigit(word[0]) ? "percent"
            : IsSize(word) ? "gb"
            : IsRepository(word) ? "repository"
            : IsVersion(word) ? "version"
            : null;
    }

    private static string? Dotted(string word, int dot)
    {
        var ending = word.AsSpan(dot + 1);
        return word.Contains('@') ? "email"
            : word.All(c => char.IsAsciiDigit(c) || c is '.' or '/') && word.Count(c => c == '.') == 3 ? "ip"
            : s_zones.GetAlternateLookup<ReadOnlySpan<char>>().Contains(ending) ? "hostname"
            : s_endings.GetAlternateLookup<ReadOnlySpan<char>>().Contains(ending) ? $"{word[..dot]} file"
            : null;
    }

    private static bool IsHash(string word) =>
        word.Length is >= ShortestHash and <= LongestHash && word.All(char.IsAsciiHexDigitLower) && word.Any(char.IsAsciiDigit) && word.Any(char.IsAsciiLetter);

    // v2, v1.4.0, 2.3.1
    private static bool IsVersion(string word) =>
        word.AsSpan().TrimStart('v') is { Length: > 0 } number && (number.Length < word.Length || word.Count(c => c == '.') == 2) && !number.ContainsAnyExcept(s_digits);

    // octo/hello, but no and/or, no heads/main
    private static bool IsRepository(string word) =>
        word.Split('/') is [{ Length: > 1 } owner, { Length: > 1 } name]
        && (owner + name).All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !s_noOwners.Contains(owner);

    private static bool IsSize(string word) =>
        char.IsAsciiDigit(word[0]) && s_sizes.Contains(word.TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9').ToLowerInvariant(), StringComparer.Ordinal);
}
