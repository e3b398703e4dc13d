namespace ToolRuntime.OpenApi.Documents;

/// <summary>Halves of characters outside the basic plane that stand alone as escapes: no string can hold them, and reading one would throw far from here.</summary>
internal static class Lone
{
    /// <summary>The same text, or a copy in which each lone half is U+FFFD.</summary>
    public static ReadOnlyMemory<byte> Mend(ReadOnlyMemory<byte> json)
    {
        var text = json.Span;
        byte[]? mended = null;
        for (var at = Next(text, 0); at >= 0; at = Next(text, at))
        {
            var code = Code(text, at);
            if (code is >= 0xD800 and <= 0xDBFF && Code(text, at + 6) is >= 0xDC00 and <= 0xDFFF)
            {
                at += 12;
                continue;
            }

            if (code is >= 0xD800 and <= 0xDFFF)
            {
                mended ??= json.ToArray();
                "fffd"u8.CopyTo(mended.AsSpan(at + 2));
            }

            at += 2;
        }

        return mended ?? json;
    }

    private static int Next(ReadOnlySpan<byte> text, int from)
    {
        while (from < text.Length)
        {
            var step = text[from..].IndexOf((byte)'\\');
            if (step < 0)
            {
                return -1;
            }

            from += step;
            if (from + 1 < text.Length && text[from + 1] == (byte)'u')
            {
                return from;
            }

            from += 2;
        }

        return -1;
    }

    /// <summary>What the escape at <paramref name="at"/> means; -1 where none stands there.</summary>
    private static int Code(ReadOnlySpan<byte> text, int at)
    {
        if (at + 6 > text.Length || text[at] != (byte)'\\' || text[at + 1] != (byte)'u')
        {
            return -1;
        }

        var code = 0;
        for (var i = at + 2; i < at + 6; i++)
        {
            var digit = char.IsAsciiHexDigit((char)text[i]) ? System.Convert.ToInt32(((char)text[i]).ToString(), 16) : -1;
            if (digit < 0)
            {
                return -1;
            }

            code = (code << 4) | digit;
        }

        return code;
    }
}
