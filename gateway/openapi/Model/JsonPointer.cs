namespace ToolRuntime.OpenApi.Model;

/// <summary>JSON pointers (RFC 6901).</summary>
internal static class JsonPointer
{
    /// <summary><paramref name="name"/> as one token of a pointer.</summary>
    public static string Escape(string name) =>
        name.AsSpan().IndexOfAny('~', '/') < 0 ? name : name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>The name that a token stands for.</summary>
    public static string Unescape(string token) =>
        token.Contains('~', StringComparison.Ordinal) ? token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal) : token;

    /// <summary><paramref name="pointer"/> with one more token.</summary>
    public static string Append(string pointer, string name) => $"{pointer}/{Escape(name)}";

    /// <summary>The names on the way; null where the text is no pointer.</summary>
    public static string[]? Split(string pointer)
    {
        if (pointer.Length == 0)
        {
            return [];
        }

        return pointer[0] == '/' ? Array.ConvertAll(pointer[1..].Split('/'), Unescape) : null;
    }
}
