using System.Buffers;
using System.Text;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>Percent-encoding as RFC 3986, RFC 6570 and the URL standard's form encoding have it.</summary>
internal static class PercentEncoding
{
    private const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<char> s_strict = SearchValues.Create(Alphanumeric + "-._~");
    private static readonly SearchValues<char> s_reserved = SearchValues.Create(Alphanumeric + "-._~:/?@!$'()*,;=");
    private static readonly SearchValues<char> s_reservedPath = SearchValues.Create(Alphanumeric + "-._~:@!$&'()*+,;=");
    private static readonly SearchValues<char> s_form = SearchValues.Create(Alphanumeric + "-._*");
    private static readonly SearchValues<char> s_literal = SearchValues.Create(Alphanumeric + "-._~:/@!$&'()*+,;=[]");

    /// <summary>Appends <paramref name="value"/>, escaped.</summary>
    public static void Append(StringBuilder target, string value, Escape escape)
    {
        if (escape == Escape.None)
        {
            target.Append(value);
            return;
        }

        Append(target, value, Plain(escape), keepsTriples: escape is Escape.Reserved or Escape.ReservedPath, spaceIsPlus: escape == Escape.Form);
    }

    /// <summary><paramref name="value"/>, escaped.</summary>
    public static string Of(string value, Escape escape)
    {
        var target = new StringBuilder(value.Length + 16);
        Append(target, value, escape);
        return target.ToString();
    }

    /// <summary>Appends a literal piece of a path template or server URL: what may stand in a path stays, the rest is escaped.</summary>
    public static void AppendLiteral(StringBuilder target, ReadOnlySpan<char> literal) =>
        Append(target, literal, s_literal, keepsTriples: true, spaceIsPlus: false);

    /// <summary><paramref name="value"/> with its triples read as UTF-8; what is no triple stays.</summary>
    public static string Decode(string value) => Uri.UnescapeDataString(value);

    private static SearchValues<char> Plain(Escape escape) => escape switch
    {
        Escape.Reserved => s_reserved,
        Escape.ReservedPath => s_reservedPath,
        Escape.Form => s_form,
        _ => s_strict,
    };

    private static void Append(StringBuilder target, ReadOnlySpan<char> rest, SearchValues<char> plain, bool keepsTriples, bool spaceIsPlus)
    {
        Span<byte> bytes = stackalloc byte[4];
        while (!rest.IsEmpty)
        {
            var run = rest.IndexOfAnyExcept(plain);
            target.Append(run < 0 ? rest : rest[..run]);
            if (run < 0)
            {
                return;
            }

            rest = rest[run..];
            if (keepsTriples && IsTriple(rest))
            {
                target.Append(rest[..3]);
                rest = rest[3..];
                continue;
            }

            if (spaceIsPlus && rest[0] == ' ')
            {
                target.Append('+');
                rest = rest[1..];
                continue;
            }

            Rune.DecodeFromUtf16(rest, out var rune, out var consumed);
            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
            {
                target.Append('%').Append(HexDigit(b >> 4)).Append(HexDigit(b & 15));
            }

            rest = rest[consumed..];
        }
    }

    private static bool IsTriple(ReadOnlySpan<char> text) =>
        text.Length > 2 && text[0] == '%' && char.IsAsciiHexDigit(text[1]) && char.IsAsciiHexDigit(text[2]);

    private static char HexDigit(int nibble) => (char)(nibble < 10 ? '0' + nibble : 'A' + nibble - 10);
}
