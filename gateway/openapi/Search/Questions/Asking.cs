namespace ToolRuntime.OpenApi.Search.Questions;

/// <summary>Whether words ask instead of ordering.</summary>
internal static class Asking
{
    private static readonly HashSet<string> s_asking = new(StringComparer.Ordinal)
    {
        "what", "which", "who", "whose", "whom", "when", "where", "why", "how", "is", "are", "am", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could", "may",
    };

    /// <summary>Whether <paramref name="words"/> begin as questions do.</summary>
    public static bool Asks(ReadOnlySpan<string> words, string text) => words switch
    {
        ["how", "do" or "to" or "can" or "could" or "should" or "would", ..] => false,
        ["can" or "could", "you", ..] => false,
        ["have", not ("you" or "we" or "they" or "i" or "any" or "there"), ..] or ["do", "not", ..] => text.TrimEnd().EndsWith('?'),
        ["in" or "on" or "to" or "from" or "under" or "of" or "for" or "with" or "by" or "at" or "into", "which" or "what" or "whose" or "whom", ..] => true,
        [var first, ..] => s_asking.Contains(first),
        _ => false,
    };

    /// <summary>Whether leave is asked for: whether something is allowed or valid is often found out by sending what is to be judged.</summary>
    public static bool ForLeave(string[] words, int start) =>
        Wish.Allows(words, start) || words.AsSpan(start) is ["am", "i", ..] || words.Any(w => w is "allowed" or "permitted" or "valid" or "genuine" or "authentic");
}
