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

    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789.");

    private static readonly string[] s_sizes = ["gb", "gib", "gi", "tb", "tib", "ti", "gig", "gigs"];

    /// <summary>The text with such names said in words, as far as a question is read.</summary>
    public static string Name(string text) => string.Join(' ', text.Split(' ', Question.LongestQuestion + 1).Select(Named));

    private static string Named(string part)
    {
        var word = part.TrimEnd('.', ',', '?', '!', ':', ';', ')', '"', '\'').TrimStart('(', '"', '\'');
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

    private static bool IsSize(string word) =>
        char.IsAsciiDigit(word[0]) && s_sizes.Contains(word.TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9').ToLowerInvariant(), StringComparer.Ordinal);
}
