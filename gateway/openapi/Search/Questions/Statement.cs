namespace ToolRuntime.OpenApi.Search.Questions;

/// <summary>Sentences that say how things are or shall be, instead of ordering or asking.</summary>
internal static class Statement
{
    private static readonly HashSet<string> s_modals = new(StringComparer.Ordinal)
    {
        "must", "should", "shall", "may", "might", "can", "cannot", "wants", "want", "needs", "need", "wishes", "ought", "wanted", "needed", "will",
    };

    private static readonly HashSet<string> s_finite = new(StringComparer.Ordinal) { "is", "are", "was", "were", "has", "have", "had", "got", "did", "does" };

    private static readonly HashSet<string> s_fillers = new(StringComparer.Ordinal) { "to", "be", "not", "now", "also", "only", "have", "t", "always", "still" };

    private static readonly HashSet<string> s_clauses = new(StringComparer.Ordinal) { "that", "which", "who", "where", "when", "how", "whether" };

    private static readonly HashSet<string> s_persons = new(StringComparer.Ordinal) { "he", "she", "they", "it", "somebody", "someone", "nobody" };

    private static readonly HashSet<string> s_one = new(StringComparer.Ordinal) { "a", "an", "another", "some", "more", "new" };

    /// <summary>What a need is for: one more of something, or none any longer; null where none is said.</summary>
    public static ToolAction? Needed(string[] words, int start, int at)
    {
        if (words[at] == "no" && words.AsSpan(at).Contains("without"))
        {
            return ToolAction.Create;
        }

        if (words.AsSpan(at) is ["no", "more", "than", ..] or ["at", "most" or "least", ..])
        {
            return ToolAction.Other;
        }

        if (words[at] == "no" || words[at..].AsSpan() is [.., "any", "more"] or [.., "anymore"])
        {
            return ToolAction.Delete;
        }

        return at > start && words[at - 1] is "need" or "want" or "like" && (s_one.Contains(words[at]) || char.IsAsciiDigit(words[at][0])) ? ToolAction.Create : null;
    }

    /// <summary>What a sentence wants that says what somebody must, may or wants to do; null for none.</summary>
    public static Wish? Read(string[] words, string[] stems, int at, Lexicon lexicon, SearchWeights weights)
    {
        var modal = Array.FindIndex(words, at, s_modals.Contains);
        var obliged = Array.FindIndex(words, at, w => w is "has" or "have" or "had") is var has and > 0 && has + 1 < words.Length && words[has + 1] == "to" ? has : -1;
        modal = modal < 0 || (obliged > 0 && obliged < modal) ? obliged : modal;
        var clause = Array.FindIndex(words, at, s_clauses.Contains);
        if (modal <= at || (clause >= 0 && clause < modal))
        {
            return null;
        }

        return new Wish(at, Wanted(words, stems, at, modal, lexicon), weights.Supposed);
    }

    /// <summary>What a sentence that says how things are wants: something done about it, nobody knows what.</summary>
    public static Wish? Guess(string[] words, string[] stems, int at, Lexicon lexicon, SearchWeights weights)
    {
        var isSentence = Question.Determiners.Contains(words[at])
            ? words.Skip(at).Any(s_finite.Contains) || Does(words, stems, at + 2, lexicon)
            : at + 2 < words.Length && s_finite.Contains(words[at + 1]);
        return isSentence ? new Wish(at, ToolAction.Other, weights.Guessed) : null;
    }

    /// <summary>What a sentence wants that says what somebody does ("he quits"); null for none.</summary>
    public static Wish? Told(string[] words, string[] stems, int at, Lexicon lexicon, SearchWeights weights)
    {
        if (!s_persons.Contains(words[at]) || at + 1 >= words.Length)
        {
            return null;
        }

        var said = lexicon.ActionOf(string.Join(' ', stems.AsSpan(at + 1, lexicon.PhraseAt(stems, at + 1))!));
        return new Wish(at, said is null or ToolAction.Read ? ToolAction.Other : said.Value, 0.5f * weights.Supposed);
    }

    // "our shop closes": a verb in the third person behind a thing.
    private static bool Does(string[] words, string[] stems, int from, Lexicon lexicon)
    {
        for (var at = from; at < Math.Min(words.Length - 1, from + 2); at++)
        {
            if (Wish.IsPlural(words[at]) && lexicon.ActionOf(stems[at]) is not (null or ToolAction.Read))
            {
                return true;
            }
        }

        return false;
    }

    private static ToolAction Wanted(string[] words, string[] stems, int at, int modal, Lexicon lexicon)
    {
        if (words.AsSpan(at).ContainsAny("longer", "never", "anymore") || words.AsSpan(at) is [.., "any", "more"])
        {
            return ToolAction.Delete;
        }

        if (words.AsSpan(at).Contains("nobody"))
        {
            return ToolAction.Other;
        }

        if (Wish.Allows(words, modal))
        {
            return ToolAction.Create;
        }

        var verb = modal + 1;
        while (verb < words.Length && (s_fillers.Contains(words[verb]) || Wish.IsManner(words[verb])))
        {
            verb++;
        }

        if (verb == words.Length)
        {
            return ToolAction.Other;
        }

        if (words[modal] is "wants" or "want" or "needs" && words[modal + 1] != "to" && lexicon.ActionOf(stems[^1]) is { } last)
        {
            return last;
        }

        // who must look or see is given something to look at: only the one who asks looks by asking
        var said = verb == words.Length - 1 && words[verb] == "go" ? ToolAction.Delete : lexicon.ActionOf(string.Join(' ', stems.AsSpan(verb, lexicon.PhraseAt(stems, verb))!));
        return said is null or ToolAction.Read ? ToolAction.Other : said.Value;
    }
}
