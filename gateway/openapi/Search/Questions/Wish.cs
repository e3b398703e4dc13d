using ToolRuntime.OpenApi.Search.Text;

namespace ToolRuntime.OpenApi.Search.Questions;

/// <summary>What a question wants done, as far as it says.</summary>
/// <param name="Begin">Number of the word that says it, or that the wish begins with.</param>
/// <param name="Action">What is to be done.</param>
/// <param name="Certainty">How sure that is, 0 to 1.</param>
/// <remarks>
/// It is read in this order:
/// 1. a circumstance before a comma is stepped over ("in the sandbox, let a payout fail");
/// 2. what begins as questions do asks, also after a comma;
/// 3. polite words are stepped over ("could you please …");
/// 4. a need of one more is a wish for a new one ("we need another machine"), and what shall be no more is to go;
/// 5. what is not to be done is to be prevented or called off;
/// 6. a verb that the lexicon knows says it (<see cref="Order"/>), unless it is the plural of a thing ("files of a commit");
/// 7. a sentence that says what somebody must, may or wants to do wants something changed (<see cref="Statement"/>);
/// 8. a sentence after which an order follows says it there ("the bill is ready, lock it");
/// 9. else it is guessed from how the words go on.
/// </remarks>
internal readonly record struct Wish(int Begin, ToolAction Action, float Certainty)
{
    private const int FarthestComma = 400;

    private static readonly HashSet<string> s_polite = new(StringComparer.Ordinal)
    {
        "please", "i", "we", "you", "want", "need", "like", "to", "help", "me", "us", "would", "could", "can", "should", "must", "d", "how", "do", "now", "then", "just", "always", "only", "also",
    };

    private static readonly HashSet<string> s_times = new(StringComparer.Ordinal)
    {
        "minute", "hour", "day", "night", "morning", "evening", "week", "weekday", "weekend", "month", "quarter", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    };

    private static readonly HashSet<string> s_circumstances = new(StringComparer.Ordinal)
    {
        "in", "on", "at", "for", "from", "when", "whenever", "if", "as", "after", "before", "during", "with", "without", "inside", "under", "once", "since", "while", "because",
    };

    /// <summary>Reads it.</summary>
    /// <param name="text">The question.</param>
    /// <param name="words">Its words.</param>
    /// <param name="stems">Their stems.</param>
    /// <param name="lexicon">Which verbs mean what.</param>
    /// <param name="weights">How sure guesses are.</param>
    public static Wish Read(string text, string[] words, string[] stems, Lexicon lexicon, SearchWeights weights)
    {
        var comma = BeforeComma(text, words.Length);
        var start = words.Length > 0 && s_circumstances.Contains(words[0]) && comma < words.Length ? comma : 0;
        var rest = words.AsSpan(start);
        if (rest.IsEmpty)
        {
            return new Wish(0, ToolAction.Read, 0);
        }

        if (Asking.Certainty(text, words, start, comma, weights) is > 0 and var certainty)
        {
            return new Wish(start, ToolAction.Read, certainty);
        }

        var at = start + Polite(rest);
        if (Statement.Needed(words, start, at) is { } needed)
        {
            return new Wish(at, needed, weights.Supposed);
        }

        if (words[at] is "not" or "never" or "don")
        {
            return new Wish(at, ToolAction.Other, weights.Supposed);
        }

        var verb = Verb(words, stems, at, lexicon, weights);
        if (verb is { Certainty: 1 } && Recurs(words.AsSpan(at)))
        {
            return new Wish(at, ToolAction.Create, weights.Supposed);
        }

        return (verb is { Certainty: 1 } ? verb : null)
            ?? Statement.Read(words, stems, at, lexicon, weights)
            ?? OrderAfter(comma, words, stems, lexicon, weights)
            ?? Statement.Told(words, stems, at, lexicon, weights)
            ?? verb
            ?? Statement.Guess(words, stems, at, lexicon, weights)
            ?? (words[at] is "a" or "an" or "another" ? new Wish(at, ToolAction.Create, 0.5f * weights.Supposed) : new Wish(at, Guess(words, at), weights.Guessed));
    }

    /// <summary>Whether a word looks like the plural of a thing.</summary>
    public static bool IsPlural(string word) =>
        word.Length > 3 && word[^1] == 's' && word[^2] is not ('s' or 'u' or 'i') && word is not ("does" or "this" or "always" or "access" or "has");

    /// <summary>Whether a word says in which way something is to be done.</summary>
    public static bool IsManner(string word) =>
        word.Length > 4 && word.EndsWith("ly", StringComparison.Ordinal) && word is not ("reply" or "apply" or "supply" or "family" or "assembly" or "anomaly" or "monthly");

    /// <summary>Whether a word before a wish says nothing of it.</summary>
    public static bool IsPolite(string word) => s_polite.Contains(word);

    /// <summary>Whether the word at <paramref name="at"/> speaks of what somebody is allowed to do.</summary>
    public static bool Allows(string[] words, int at) =>
        words[at] is "may" || (words[at] is "can" or "could" or "cannot" && at + 1 < words.Length && words[at + 1] is not ("you" or "we" or "be" or "not"));

    /// <summary>How many words stand before the first comma; <paramref name="count"/>, which is how many there are, where none stands early.</summary>
    private static int BeforeComma(string text, int count)
    {
        var comma = text.AsSpan(0, Math.Min(text.Length, FarthestComma)).IndexOf(',');
        return comma < 0 ? count : Words.Of(text[..comma]).Count;
    }

    // "how do i", "can you please", "i want to": what comes after is the wish.
    private static int Polite(ReadOnlySpan<string> words)
    {
        var at = 0;
        while (at < words.Length && ((s_polite.Contains(words[at]) && (at > 0 || words[at] != "like")) || IsManner(words[at]) || (words[at] == "let" && at + 1 < words.Length && words[at + 1] is "me" or "us")))
        {
            at++;
        }

        return at == words.Length ? 0 : at;
    }

    private static Wish? Verb(string[] words, string[] stems, int at, Lexicon lexicon, SearchWeights weights)
    {
        if (Order.Offer(words, at, weights) is { } offer)
        {
            return offer;
        }

        var length = lexicon.PhraseAt(stems, at);
        var particle = length == 1 ? lexicon.ParticleOf(stems, at) : -1;
        var phrase = particle > 0 ? $"{stems[at]} {stems[particle]}" : string.Join(' ', stems.AsSpan(at, length)!);
        if (lexicon.ActionOf(phrase) is not { } action)
        {
            return null;
        }

        var isAlone = length == 1 && particle < 0;
        return isAlone && IsThing(words, at) ? new Wish(at, ToolAction.Read, weights.Supposed)
            : isAlone && Order.Read(words, at, weights) is { } order ? order
            : new Wish(at, action, 1);
    }

    // What is to be done again and again is to be scheduled, whatever it is: "purge the cellar every night".
    private static bool Recurs(ReadOnlySpan<string> words)
    {
        if (words.ContainsAny("that", "which", "who"))
        {
            return false;
        }

        for (var i = 1; i + 1 < words.Length; i++)
        {
            if (words[i] is "every" or "each" && s_times.Contains(words[i + 1]))
            {
                return true;
            }
        }

        return words[^1] is "hourly" or "daily" or "nightly" or "weekly" or "monthly" or "regularly" && words.Length > 2;
    }

    private static bool IsThing(string[] words, int at) =>
        IsPlural(words[at]) && (at + 1 == words.Length || !Question.Determiners.Contains(words[at + 1]));

    private static Wish? OrderAfter(int comma, string[] words, string[] stems, Lexicon lexicon, SearchWeights weights) =>
        comma < words.Length && Verb(words, stems, comma, lexicon, weights) is { Certainty: 1 } order
            ? order with { Certainty = weights.Supposed }
            : null;

    // A verb is followed by what it is done to ("annul the bill"), a thing by nothing or by what it is of ("history of the bill") or wanted for ("a disk for uploads").
    private static ToolAction Guess(string[] words, int at) =>
        at + 1 < words.Length && Question.Determiners.Contains(words[at + 1]) ? ToolAction.Other
        : Array.Find(words, w => w is "for" or "of" or "in" or "on" or "that" or "which" or "by" or "from" or "with") is "for" && !IsPlural(words[at]) ? ToolAction.Create
        : ToolAction.Read;
}
