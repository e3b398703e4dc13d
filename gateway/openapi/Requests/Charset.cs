using System.Text;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>The charset of a media type. Those that .NET has without tables, and with its own code pages: Shift_JIS, GBK, KOI8-R, windows-125x and others.</summary>
internal static class Charset
{
    private const string Parameter = "charset";

    /// <summary>What reads a charset; null where nobody knows it. Latin-1 and ASCII are read as windows-1252, which extends them (WHATWG, Encoding, 4.2).</summary>
    public static Encoding? Reading(string? name) => Clean(name) switch
    {
        "utf-16" => Encoding.BigEndianUnicode,
        "utf-32" => Encoding.UTF32,
        "iso-8859-1" or "latin1" or "us-ascii" or "ascii" => Find("windows-1252"),
        var other => Find(other),
    };

    /// <summary>The text in the charset of its type; in UTF-8, and the type says so, where it does not fit or nobody knows the charset.</summary>
    public static (byte[] Bytes, string MediaType) Encode(string text, string mediaType)
    {
        try
        {
            if (Clean(Of(mediaType)) is { Length: > 0 } name && name is not "utf-8" && Find(name) is { } encoding)
            {
                var strict = (Encoding)encoding.Clone();
                strict.EncoderFallback = EncoderFallback.ExceptionFallback;
                return ([.. strict.GetPreamble(), .. strict.GetBytes(text)], mediaType);
            }
        }
        catch (EncoderFallbackException)
        {
            // It has a character that the charset has not.
        }

        return (Encoding.UTF8.GetBytes(text), Utf8(mediaType));
    }

    /// <summary>The type with UTF-8 for any other charset that it names.</summary>
    public static string Utf8(string mediaType) => Clean(Of(mediaType)) is "" or "utf-8" ? mediaType : Without(mediaType, Parameter) + "; charset=utf-8";

    /// <summary>The type without one of its parameters.</summary>
    public static string Without(string mediaType, string parameter) => mediaType.Contains(parameter, StringComparison.OrdinalIgnoreCase)
        ? string.Join("; ", mediaType.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(p => !Is(p, parameter)))
        : mediaType;

    private static string? Of(string mediaType) => mediaType.Contains(Parameter, StringComparison.OrdinalIgnoreCase)
        ? mediaType.Split(';', StringSplitOptions.TrimEntries).FirstOrDefault(p => Is(p, Parameter))?.Split('=', 2)[1]
        : null;

    private static bool Is(string part, string parameter) => part.Split('=', 2) is [var name, _] && name.Trim().Equals(parameter, StringComparison.OrdinalIgnoreCase);

    private static string Clean(string? name) => name?.Trim('"', ' ').ToLowerInvariant() ?? "";

    private static Encoding? Find(string name)
    {
        try
        {
            return name.Length == 0 ? null : CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (Exception unknown) when (unknown is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
