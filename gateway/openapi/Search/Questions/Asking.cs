namespace ToolRuntime.OpenApi.Search.Questions;

/// <summary>Whether words ask instead of ordering.</summary>
internal static class Asking
{
    private static readonly HashSet<string> s_asking = new(StringComparer.Ordinal)
    {
        "what", "which", "who", "whose", "whom", "when", "where", "why", "how", "is", "are", "am", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could", "may",
    };

    /// <summary>How sure it is that something is asked from <paramref name="start"/> on or after the comma; 0 where it is not.</summary>
    public static float Certainty(string text, string[] words, int start, int comma, SearchWeights weights)
    {
        if (Asks(words.AsSpan(start), text))
        {
            return ForLeave(words, start) ? 0.5f * weights.Supposed : 1;
        }

        return comma < words.Length && text.TrimEnd().EndsWith('?') && Asks(words.AsSpan(comma), text) ? weights.Supposed : 0;
    }

    private static bool Asks(ReadOnlySpan<string> words, string text) => words switch
    {
        ["how", "do" or "to" or "can" or "could" or "should" or "would", ..] => false,
        ["can" or "could", "you", ..] => false,
        ["have", not ("you" or "we" or "they" or "i" or "any" or "there"), ..] or ["do", "not", ..] => text.TrimEnd().EndsWith('?'),
        ["in" or "on" or "to" or "from" or "under" or "of" or "for" or "with" or "by" or "at" or "into", "which" or "what" or "whose" or "whom", ..] => true,
        [var first, ..] => s_asking.Contains(first),
        _ => false,
    };

    // Whether something is allowed or valid is often found out by sending what is to be judged.
    private static bool ForLeave(string[] words, int start) =>
        Wish.Allows(words, start) || words.AsSpan(start) is ["am", "i", ..] || words.Any(w => w is "allowed" or "permitted" or "valid" or "genuine" or "authentic");
}
