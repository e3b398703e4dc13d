namespace ToolRuntime.OpenApi.Responses;

/// <summary>Cuts UTF-8 between characters.</summary>
internal static class Utf8Cut
{
    /// <summary>How much of <paramref name="text"/> to take to stay within <paramref name="maximum"/> bytes.</summary>
    public static int Length(ReadOnlySpan<byte> text, int maximum) => maximum >= text.Length ? text.Length : Start(text, maximum);

    /// <summary>The beginning of the character that <paramref name="at"/> lies in.</summary>
    public static int Start(ReadOnlySpan<byte> text, int at)
    {
        while (at > 0 && at < text.Length && (text[at] & 0xC0) == 0x80)
        {
            at--;
        }

        return at;
    }
}
