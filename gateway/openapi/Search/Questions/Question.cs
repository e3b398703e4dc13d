using ToolRuntime.OpenApi.Search.Text;

namespace ToolRuntime.OpenApi.Search.Questions;

/// <summary>What is asked for.</summary>
/// <param name="Concepts">What it speaks of, in order.</param>
/// <param name="Action">What is to be done, or null where it does not say.</param>
/// <param name="IsActionGuessed">Whether that was read from the shape of the question and not from a word.</param>
/// <param name="IsAboutMany">Whether it asks for all things of a kind; null where it does not say.</param>
internal sealed record Question(IReadOnlyList<Concept> Concepts, ToolAction? Action, bool IsActionGuessed, bool? IsAboutMany)
{
    /// <summary>Longest question that is read, in words; what comes after is left out.</summary>
    public const int LongestQuestion = 64;

    private const int FarthestParticle = 8;

    private static readonly HashSet<string> s_asking = new(StringComparer.Ordinal)
    {
        "what", "which", "who", "whose", "whom", "when", "where", "why", "how", "is", "are", "am", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could", "may",
    };

    private static readonly HashSet<string> s_determiners = new(StringComparer.Ordinal)
    {
        "a", "an", "the", "my", "our", "your", "his", "her", "their", "its", "this", "every", "all", "another", "somebody", "someone", "one",
    };

    private static readonly HashSet<string> s_polite = new(StringComparer.Ordinal)
    {
        "please", "i", "we", "you", "want", "need", "like", "to", "help", "me", "us", "let", "would", "could", "can", "should", "must", "d", "how", "do", "now", "then", "just",
    };

    /// <summary>Reads <paramref name="text"/>.</summary>
    public static Question Read(string text, Lexicon lexicon, SearchWeights weights)
    {
        var words = Words.Of(text).Take(LongestQuestion).ToArray();
        var stems = words.Select(Stemmer.Stem).ToArray();
        var begin = Begin(words);
        var concepts = new List<Concept>();
        ToolAction? action = begin == 0 && words.Length > 0 && s_asking.Contains(words[0]) ? ToolAction.Read : null;
        var isGuess = false;
        var particle = ParticleOf(stems, begin, lexicon);
        for (var at = begin; at < words.Length;)
        {
            if (at == particle)
            {
                at++;
                continue;
            }

            var length = PhraseAt(stems, at, lexicon);
            var phrase = at == begin && particle > 0 && length == 1 ? $"{stems[at]} {stems[particle]}" : string.Join(' ', stems.AsSpan(at, length)!);
            var meant = lexicon.ActionOf(phrase);
            if (at == begin && action is null)
            {
                action = meant ?? Guess(words, at + length);
                isGuess = meant is null;
            }

            if (length > 1 || !Words.IsEmpty(words[at]) || (at == begin && particle > 0))
            {
                concepts.Add(new Concept(phrase, Alternatives(phrase, lexicon, weights), WeightOf(words[at], weights), meant is not null));
            }

            at += length;
        }

        return new Question(concepts, action, isGuess, IsMany(words, action));
    }

    // "how do i", "can you please", "i want to": what comes after is the wish.
    private static int Begin(string[] words)
    {
        if (words is ["how", "many" or "much" or "often" or "long" or "old", ..] or ["can" or "may" or "do" or "could", not "you", ..])
        {
            return 0;
        }

        if (words is ["how", not ("do" or "to" or "can" or "could" or "should" or "would"), ..])
        {
            return 0;
        }

        var at = 0;
        while (at < words.Length && (s_polite.Contains(words[at]) || IsManner(words[at])))
        {
            at++;
        }

        return at == words.Length ? 0 : at;
    }

    // A verb is followed by what it is done to ("annul the bill"), a thing by nothing or by what it is of ("history of the bill").
    private static ToolAction Guess(string[] words, int next) =>
        next < words.Length && s_determiners.Contains(words[next]) ? ToolAction.Other : ToolAction.Read;

    private static float WeightOf(string word, SearchWeights weights) =>
        IsManner(word) ? weights.Manner : 1;

    private static bool IsManner(string word) =>
        word.Length > 4 && word.EndsWith("ly", StringComparison.Ordinal) && word is not ("reply" or "apply" or "supply" or "family" or "assembly" or "anomaly" or "monthly");

    /// <summary>Where the other half of a verb stands that its object has parted ("take the server down"); -1 for none.</summary>
    private static int ParticleOf(string[] stems, int begin, Lexicon lexicon)
    {
        for (var at = begin + 2; at < Math.Min(stems.Length, begin + FarthestParticle); at++)
        {
            if (stems[at] is "down" or "up" or "out" or "off" or "on" or "away" or "back" or "over" && lexicon.ActionOf($"{stems[begin]} {stems[at]}") is not null)
            {
                return at;
            }
        }

        return -1;
    }

    private static int PhraseAt(string[] stems, int at, Lexicon lexicon)
    {
        for (var length = Math.Min(Lexicon.LongestPhrase, stems.Length - at); length > 1; length--)
        {
            if (lexicon.Knows(string.Join(' ', stems.AsSpan(at, length)!)))
            {
                return length;
            }
        }

        return 1;
    }

    private static List<(string Phrase, float Weight)> Alternatives(string phrase, Lexicon lexicon, SearchWeights weights) =>
        [(phrase, lexicon.SynonymsOf(phrase).Count > 0 && phrase.Contains(' ') ? weights.Literal : 1), .. lexicon.SynonymsOf(phrase).Select(s => (s, weights.Synonym))];

    private static bool? IsMany(string[] words, ToolAction? action)
    {
        if (words.Any(w => w is "all" or "every" or "list" or "enumerate") || words is ["how", "many", ..])
        {
            return true;
        }

        if (words is ["what" or "which" or "who" or "where" or "whose", ..])
        {
            return !words.Contains("one") && !words.Contains("this");
        }

        var first = Array.FindIndex(words, w => s_determiners.Contains(w) || IsPlural(w));
        if (first < 0)
        {
            return null;
        }

        return IsPlural(words[first]) ? action == ToolAction.Read ? true : null : words[first] is "a" or "an" or "this" or "that" or "one" ? false : null;
    }

    private static bool IsPlural(string word) =>
        word.Length > 3 && word[^1] == 's' && word[^2] is not ('s' or 'u' or 'i') && word is not ("does" or "this" or "always" or "access" or "has");
}
