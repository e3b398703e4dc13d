using ToolRuntime.OpenApi.Search.Text;

namespace ToolRuntime.OpenApi.Search.Questions;

/// <summary>What is asked for.</summary>
/// <param name="Concepts">What it speaks of, in order.</param>
/// <param name="Action">What is to be done.</param>
/// <param name="Certainty">How sure that is, 0 to 1: less where it was read from the shape of the question and not from a word.</param>
/// <param name="IsAboutMany">Whether it asks for all things of a kind; null where it does not say.</param>
internal sealed record Question(IReadOnlyList<Concept> Concepts, ToolAction Action, float Certainty, bool? IsAboutMany)
{
    /// <summary>Longest question that is read, in words; what comes after is left out.</summary>
    public const int LongestQuestion = 64;

    private const int PluralWithin = 3;
    private const string Allowed = "is allow";
    private const string Own = "authent";

    /// <summary>Words that a thing follows.</summary>
    internal static readonly HashSet<string> Determiners = new(StringComparer.Ordinal)
    {
        "a", "an", "the", "my", "our", "your", "his", "her", "their", "its", "this", "every", "all", "another", "somebody", "someone", "one",
    };

    /// <summary>Reads <paramref name="text"/>.</summary>
    public static Question Read(string text, Lexicon lexicon, SearchWeights weights)
    {
        text = Shapes.Name(text, lexicon);
        var words = Words.Of(text).Take(LongestQuestion).ToArray();
        var stems = words.Select(WordForms.StemOf).ToArray();
        var wish = Wish.Read(text, words, stems, lexicon, weights);
        var leave = wish.Action == ToolAction.Read ? Array.FindIndex(words, w => w is "allowed" or "permitted" or "authorized" or "authorised" or "entitled" or "able") : -1;
        var concepts = ConceptsOf(words, stems, (wish, leave < 0 ? words.Length : leave), lexicon, weights);
        if (leave > 0 || (words is not ["how", "much" or "many", ..] && Enumerable.Range(0, words.Length).Any(at => Wish.Allows(words, at))))
        {
            concepts.Add(ConceptOf(Allowed, words[0] == "who" || leave > 0 ? weights.WhoIsAllowed : weights.Allowed, lexicon, weights) with { IsVerb = true });
        }

        if (words.Any(w => w is "my" or "mine") || (wish is { Action: ToolAction.Read, Certainty: 1 } && words.Skip(1).Contains("i")))
        {
            concepts.Add(ConceptOf(Own, weights.Own, lexicon, weights));
        }

        return new Question(concepts, wish.Action, wish.Certainty, IsMany(words, wish.Action));
    }

    // What comes after "is Bob allowed to" is not to be done.
    private static List<Concept> ConceptsOf(string[] words, string[] stems, (Wish Wish, int Leave) read, Lexicon lexicon, SearchWeights weights)
    {
        var (wish, leave) = read;
        var particle = words.Length == 0 ? -1 : lexicon.ParticleOf(stems, wish.Begin);
        var concepts = new List<Concept>();
        for (var at = 0; at < words.Length;)
        {
            var length = lexicon.PhraseAt(stems, at);
            if (at == particle || (at < wish.Begin && Wish.IsPolite(words[at])))
            {
                at++;
                continue;
            }

            var isParted = at == wish.Begin && particle > 0 && length == 1;
            if (length > 1 || isParted || !Words.IsEmpty(words[at]) || IsOrder(wish, at))
            {
                var phrase = isParted ? $"{stems[at]} {stems[particle]}" : string.Join(' ', stems.AsSpan(at, length)!);
                concepts.Add(ConceptOf(phrase, Wish.IsManner(words[at]) ? weights.Manner : at > leave ? weights.Hypothetical : 1, lexicon, weights));
            }

            at += length;
        }

        return concepts;
    }

    private static Concept ConceptOf(string phrase, float weight, Lexicon lexicon, SearchWeights weights) =>
        new(phrase, Alternatives(phrase, lexicon, weights), weight, lexicon.ActionOf(phrase) is not null);

    // A word that says nothing elsewhere may be a verb: "like a post".
    private static bool IsOrder(Wish wish, int at) => at == wish.Begin && wish.Certainty == 1 && wish.Action != ToolAction.Read;

    private static List<(string Phrase, float Weight)> Alternatives(string phrase, Lexicon lexicon, SearchWeights weights)
    {
        var isPhrase = phrase.Contains(' ');
        var (equals, synonyms) = (lexicon.EqualsOf(phrase), lexicon.SynonymsOf(phrase));
        return
        [
            (phrase, isPhrase && equals.Count + synonyms.Count > 0 ? weights.Literal : 1),
            .. equals.Select(e => (e, weights.Equal)),
            .. synonyms.Select(s => (s, isPhrase ? weights.Phrase : weights.Synonym)),
        ];
    }

    private static bool? IsMany(string[] words, ToolAction action)
    {
        if (words.Any(w => w is "all" or "every" or "everything" or "everybody" or "everyone" or "list" or "enumerate") || words is ["how", "many", ..])
        {
            return true;
        }

        if (words is ["what" or "which" or "who" or "where" or "whose", ..])
        {
            return words.Skip(1).Take(PluralWithin).Any(Wish.IsPlural) || (!words.Contains("one") && !words.Contains("this"));
        }

        var first = Array.FindIndex(words, w => (Determiners.Contains(w) && w != "one") || Wish.IsPlural(w));
        if (first < 0)
        {
            return null;
        }

        return Wish.IsPlural(words[first]) ? action == ToolAction.Read ? true : null : words[first] is "a" or "an" or "this" or "that" ? false : null;
    }
}
