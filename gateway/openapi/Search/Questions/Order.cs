namespace ToolRuntime.OpenApi.Search.Questions;

/// <summary>Verbs that mean different things by what follows them.</summary>
internal static class Order
{
    /// <summary>What the verb at <paramref name="at"/> wants; null where it is what the lexicon says.</summary>
    /// <param name="words">The words of the question.</param>
    /// <param name="at">Which of them is the verb.</param>
    /// <param name="weights">How sure guesses are.</param>
    public static Wish? Read(string[] words, int at, SearchWeights weights)
    {
        var next = at + 1 < words.Length ? words[at + 1] : "";
        return words[at] switch
        {
            "tell" when next is not ("me" or "us" or "") => new Wish(at, ToolAction.Create, weights.Supposed),
            "stop" or "keep" or "prevent" or "hinder" when IsFromDoing(words, at) => new Wish(at, ToolAction.Other, 1),
            "get" when IsNew(next) => new Wish(at, ToolAction.Read, weights.Guessed),
            "set" or "cap" or "limit" when next is "a" or "an" or "how" or "what" => new Wish(at, ToolAction.Other, weights.Supposed),
            "open" when Wish.IsPlural(next) => new Wish(at, ToolAction.Read, weights.Supposed),
            "check" or "verify" or "test" => new Wish(at, ToolAction.Read, weights.Supposed),
            _ => null,
        };
    }

    /// <summary>What "give me" and "get us" want: something new where they go on so; null where the words are others.</summary>
    public static Wish? Offer(string[] words, int at, SearchWeights weights) =>
        words.AsSpan(at) is ["give" or "get", "me" or "us", .. var rest]
            ? rest is [var first, ..] && IsNew(first) ? new Wish(at, ToolAction.Create, weights.Guessed) : new Wish(at, ToolAction.Read, weights.Supposed)
            : null;

    private static bool IsNew(string word) => word is "a" or "an" or "another" or "one" or "my" or "some";

    // "stop somebody from writing": nothing is removed.
    private static bool IsFromDoing(string[] words, int at)
    {
        var from = Array.IndexOf(words, "from", at);
        return from > 0 && words.AsSpan(from + 1).ContainsAnyEnding("ing", within: 2);
    }

    private static bool ContainsAnyEnding(this Span<string> words, string ending, int within)
    {
        foreach (var word in words[..Math.Min(within, words.Length)])
        {
            if (word.Length > ending.Length + 1 && word.EndsWith(ending, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
