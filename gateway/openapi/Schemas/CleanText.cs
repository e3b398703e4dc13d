using System.Text;

namespace ToolRuntime.OpenApi.Schemas;

/// <summary>
/// Text of a document that a model will read: what people would not see is taken out (control characters, zero-width and direction marks,
/// tag characters, which can carry instructions past a reviewer), the rest stays text, markup too.
/// </summary>
public static class CleanText
{
    /// <summary><paramref name="text"/> cleaned, white space at the ends removed, cut at <paramref name="most"/> characters between words.</summary>
    public static string Of(string text, int most)
    {
        var clean = IsPlain(text) ? text.Trim() : Cleaned(text);
        return clean.Length <= most ? clean : Cut(clean, most);
    }

    /// <summary>At most <paramref name="most"/> characters, cut between words where there is a gap, with an ellipsis.</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        if (most <= 1)
        {
            return "";
        }

        var end = text.LastIndexOf(' ', most - 1, Math.Min(most - 1, 40));
        end = end <= 0 ? most - 1 : end;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end).TrimEnd(), "…");
    }

    private static bool IsPlain(string text) => text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;

    private static string Cleaned(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '\r' or '\t' or 0x00A0 or 0x2028 or 0x2029)
            {
                result.Append(rune.Value is 0x2028 or 0x2029 ? '\n' : rune.Value == '\r' ? "" : " ");
            }
            else if (rune.Value == '\n' || !IsHidden(rune))
            {
                result.Append(rune.ToString());
            }
        }

        return result.ToString().Trim();
    }

    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Control
            or System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.PrivateUse
            or System.Globalization.UnicodeCategory.OtherNotAssigned
        || rune.Value is 0xFFFD or 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0 or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0000 and <= 0xE0FFF);
}
