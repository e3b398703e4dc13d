using System.Runtime.InteropServices;

using ToolRuntime.OpenApi.Search.Text;

namespace ToolRuntime.OpenApi.Search;

/// <summary>
/// What words mean in APIs, from <c>lexicon.txt</c>: which verbs ask for what, which words stand for one another, and by which other words
/// people ask for a thing. All keys are stems; phrases are stems with a space between.
/// </summary>
public sealed class Lexicon
{
    /// <summary>Most words in one phrase.</summary>
    public const int LongestPhrase = 4;

    private const int FarthestParticle = 8;

    private static readonly Lazy<Lexicon> s_standard = new(() =>
    {
        using var stream = typeof(Lexicon).Assembly.GetManifestResourceStream("ToolRuntime.OpenApi.Search.lexicon.txt")
            ?? throw new InvalidDataException("the lexicon is not in the assembly");
        using var reader = new StreamReader(stream);
        return Parse(reader.ReadToEnd());
    });

    private static readonly string[] s_marks = [.. Enum.GetNames<ToolAction>().Select(n => $"({n.ToLowerInvariant()})")];

    private readonly Dictionary<string, ToolAction> _actions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _synonyms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _equals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _glosses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _heads = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _shorts = new(StringComparer.Ordinal);

    private Lexicon()
    {
    }

    /// <summary>The one that the product brings.</summary>
    public static Lexicon Standard => s_standard.Value;

    /// <summary>Reads a lexicon; the file says how it is written.</summary>
    /// <exception cref="InvalidDataException">A line is none of the five kinds.</exception>
    public static Lexicon Parse(string text)
    {
        var lexicon = new Lexicon();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] == '~')
            {
                var ring = line[1..].Split(',').Select(Phrase).ToArray();
                Add(lexicon._synonyms, ring, ring);
            }
            else if (line[0] == '=' && line.Split(':') is [var shorts, var whole])
            {
                foreach (var name in shorts[1..].Split(',', StringSplitOptions.TrimEntries))
                {
                    lexicon._shorts[name] = whole.Trim();
                }
            }
            else if (line[0] == '>' && line.IndexOf(':') is var colon and > 0)
            {
                var isEqual = line[1] == '>';
                Add(isEqual ? lexicon._equals : lexicon._synonyms, [.. line[(isEqual ? 2 : 1)..colon].Split(',').Select(Phrase)], [.. line[(colon + 1)..].Split(',').Select(Phrase)]);
            }
            else if (line[0] != '#')
            {
                lexicon.AddEntry(line);
            }
        }

        foreach (var (head, gloss) in lexicon._glosses)
        {
            var thing = head.StartsWith('(') ? head[(head.IndexOf(' ') + 1)..] : head;
            foreach (var stem in gloss)
            {
                var heads = CollectionsMarshal.GetValueRefOrAddDefault(lexicon._heads, stem, out _) ??= [];
                if (!heads.Contains(thing))
                {
                    heads.Add(thing);
                }
            }
        }

        return lexicon;
    }

    /// <summary>The word before a head whose gloss is only for tools that do <paramref name="action"/>: no word of a text, so it is met nowhere else.</summary>
    public static string ActionMark(ToolAction action) => s_marks[(int)action];

    /// <summary>Things that people ask for by the stem.</summary>
    public IReadOnlyList<string> HeadsOf(string stem) => _heads.TryGetValue(stem, out var heads) ? heads : [];

    /// <summary>What a question wants that uses the phrase; null where the phrase says nothing about that.</summary>
    public ToolAction? ActionOf(string phrase) => _actions.TryGetValue(phrase, out var action) ? action : null;

    /// <summary>Phrases that may stand for this one.</summary>
    public IReadOnlyCollection<string> SynonymsOf(string phrase) => _synonyms.TryGetValue(phrase, out var found) ? found : [];

    /// <summary>Phrases that mean the same as this one, wherever it stands.</summary>
    public IReadOnlyCollection<string> EqualsOf(string phrase) => _equals.TryGetValue(phrase, out var found) ? found : [];

    /// <summary>Whether anything is known of the phrase as a whole.</summary>
    public bool Knows(string phrase) => _equals.ContainsKey(phrase) || _synonyms.ContainsKey(phrase) || _actions.ContainsKey(phrase);

    /// <summary>Stems by which people ask for the thing that the phrase names; empty for none.</summary>
    public IReadOnlyList<string> GlossOf(string phrase) => _glosses.GetValueOrDefault(phrase, []);

    /// <summary>
    /// What <paramref name="word"/> is short for: an abbreviation (<c>hpa</c>), or an id that says by what stands before its underscore of what it is
    /// (<c>pi_88</c>). Null where it is no such.
    /// </summary>
    public string? LongFormOf(string word)
    {
        for (var end = word.LastIndexOf('_'); end > 0; end = word.LastIndexOf('_', end - 1))
        {
            if (_shorts.TryGetValue(word[..(end + 1)], out var kind))
            {
                return kind;
            }
        }

        return _shorts.GetValueOrDefault(word);
    }

    /// <summary>How many of <paramref name="stems"/> from <paramref name="at"/> on are a phrase of which anything is known; 1 for none.</summary>
    public int PhraseAt(string[] stems, int at)
    {
        for (var length = Math.Min(LongestPhrase, stems.Length - at); length > 1; length--)
        {
            if (Knows(string.Join(' ', stems.AsSpan(at, length)!)))
            {
                return length;
            }
        }

        return 1;
    }

    /// <summary>Where the other half of the verb at <paramref name="begin"/> stands that its object has parted ("take the server down"); -1 for none.</summary>
    public int ParticleOf(string[] stems, int begin)
    {
        for (var at = begin + 2; at < Math.Min(stems.Length, begin + FarthestParticle); at++)
        {
            var isPreposition = stems[at] is "on" or "over" or "up" or "down" && at + 1 < stems.Length && stems[at + 1] is "a" or "an" or "the" or "my" or "our" or "your" or "their" or "this";
            if (!isPreposition && stems[at] is ("down" or "up" or "out" or "off" or "on" or "away" or "back" or "over" or "offlin") && ActionOf($"{stems[begin]} {stems[at]}") is not null)
            {
                return at;
            }
        }

        return -1;
    }

    private void AddEntry(string line)
    {
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0)
        {
            throw new InvalidDataException($"neither synonyms nor an entry: {line}");
        }

        var (head, rest) = (line[..colon], line[(colon + 2)..]);
        if (Enum.TryParse<ToolAction>(head, ignoreCase: true, out var action))
        {
            foreach (var phrase in Words.Quoted(rest))
            {
                _actions.TryAdd(Phrase(phrase), action);
            }

            return;
        }

        var mark = Array.Find(s_marks, m => head.StartsWith(m, StringComparison.Ordinal));
        head = mark is null ? head : head[mark.Length..];
        var gloss = Words.Of(rest).Where(w => !Words.IsEmpty(w)).Select(WordForms.StemOf).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var name in NamesOf(head))
        {
            AddGloss(mark is null ? name : $"{mark} {name}", gloss);
        }
    }

    private static IEnumerable<string> NamesOf(string head)
    {
        var words = Words.Of(head).Where(w => !Words.IsEmpty(w)).Select(WordForms.StemOf).ToArray();
        yield return string.Join(' ', words);
        if (words.Length > 1)
        {
            // kinds of Kubernetes and names of paths are written as one word, before what belongs to them: configmaps, persistentvolumes/status
            var whole = Words.Of(head);
            yield return WordForms.StemOf(string.Concat(whole));
            yield return $"{WordForms.StemOf(string.Concat(whole.SkipLast(1)))} {words[^1]}";
        }
    }

    private void AddGloss(string head, string[] gloss) =>
        _glosses[head] = _glosses.TryGetValue(head, out var there) ? [.. there.Union(gloss, StringComparer.Ordinal)] : gloss;

    private static void Add(Dictionary<string, HashSet<string>> known, string[] phrases, string[] others)
    {
        foreach (var phrase in phrases)
        {
            var there = CollectionsMarshal.GetValueRefOrAddDefault(known, phrase, out _) ??= new HashSet<string>(StringComparer.Ordinal);
            there.UnionWith(others.Where(o => !string.Equals(o, phrase, StringComparison.Ordinal)));
        }
    }

    private static string Phrase(string text) => string.Join(' ', Words.Of(text).Select(WordForms.StemOf));
}
