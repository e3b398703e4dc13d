using ToolRuntime.OpenApi.Search.Index;
using ToolRuntime.OpenApi.Search.Meaning;
using ToolRuntime.OpenApi.Search.Questions;

namespace ToolRuntime.OpenApi.Search;

/// <summary>
/// Finds tools by what they do. Words are weighed by where they stand (BM25F over name, title, path, tags, description, arguments and what the
/// document says about the thing), also those that stand for the question's words by the lexicon or are near them in meaning; what a tool does
/// must fit what is asked to be done; plain tools come before deep, deprecated and experimental ones. Immutable, and the same for the same tools.
/// </summary>
public sealed class ToolIndex
{
    private readonly TermTable _terms;
    private readonly Postings _postings;
    private readonly float[] _rarity;
    private readonly ToolFacts[] _facts;
    private readonly ToolThings _things;
    private readonly ToolMeanings _meanings;
    private readonly Lexicon _lexicon;
    private readonly SearchWeights _weights;

    private ToolIndex(TermTable terms, IReadOnlyList<ToolText> texts, ToolFacts[] facts, SearchWeights weights)
    {
        (_terms, _facts, _weights, _lexicon) = (terms, facts, weights, Lexicon.Standard);
        var postings = _postings = Postings.Of(texts, terms.Count, weights);
        _things = ToolThings.Of(texts, terms.Count, weights.ParentShare);
        _rarity = new float[terms.Count];
        for (var term = 0; term < _rarity.Length; term++)
        {
            _rarity[term] = RarityOf(((1 - weights.TellingRarity) * postings.CountOf(term)) + (weights.TellingRarity * postings.WeightOf(term)));
        }

        _meanings = ToolMeanings.Of(terms, postings, _rarity, facts.Length, MeaningTable.Standard);
    }

    /// <summary>How many tools there are.</summary>
    public int Count => _facts.Length;

    /// <summary>Builds an index of <paramref name="tools"/>.</summary>
    public static ToolIndex Build(IReadOnlyList<SearchableTool> tools) => Build(tools, SearchWeights.Default);

    /// <summary>Builds an index of <paramref name="tools"/> that ranks by <paramref name="weights"/>.</summary>
    public static ToolIndex Build(IReadOnlyList<SearchableTool> tools, SearchWeights weights)
    {
        var terms = new TermTable();
        var reader = new TermTable.Reader(terms);
        var glosses = new Glosses(terms, Lexicon.Standard);
        var texts = new ToolText[tools.Count];
        var facts = new ToolFacts[tools.Count];
        var collections = tools.Where(t => t.Path.EndsWith('}')).Select(t => t.Path[..t.Path.LastIndexOf('/')]).ToHashSet(StringComparer.Ordinal);
        for (var tool = 0; tool < tools.Count; tool++)
        {
            facts[tool] = ToolFacts.Of(tools[tool], collections.Contains(tools[tool].Path), Lexicon.Standard, weights);
            texts[tool] = ToolText.Of(tools[tool], facts[tool].Action, reader, glosses);
        }

        terms.Trim();
        return new ToolIndex(terms, texts, facts, weights);
    }

    /// <summary>The tools that fit <paramref name="query"/> best, best first; equal ones in the order of the tools.</summary>
    /// <param name="query">A question, a wish or words.</param>
    /// <param name="limit">Most hits wanted, at least 1.</param>
    /// <param name="isAllowed">Whether the tool with that number may be found; null for all.</param>
    public IReadOnlyList<SearchHit> Search(string query, int limit, Func<int, bool>? isAllowed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var question = Question.Read(query, _lexicon, _weights);
        var scores = new float[_facts.Length];
        var part = new float[_facts.Length];
        var touched = new List<int>();
        var asked = new float[_terms.Count];
        foreach (var concept in question.Concepts)
        {
            AddConcept(concept, part, touched, asked);
            foreach (var tool in touched)
            {
                scores[tool] += concept.Weight * part[tool];
                part[tool] = 0;
            }

            touched.Clear();
        }

        _meanings.AddLikeness([.. question.Concepts.SelectMany(Shares)], _weights.Meaning, scores);
        for (var tool = 0; tool < scores.Length; tool++)
        {
            scores[tool] += scores[tool] > 0 ? _weights.Thing * _things.Match(tool, asked) : 0;
            scores[tool] *= FitOf(_facts[tool], question) * (1 - (_weights.Unasked * (1 - _things.ShareAsked(tool, asked))));
        }

        return Ranking.Best(scores, _facts, limit, _weights.Repetition, isAllowed);
    }

    private static IEnumerable<(string Stem, float Weight)> Shares(Concept concept) =>
        concept.Stem.Split(' ').Select(s => (s, concept.IsVerb ? 0.5f * concept.Weight : concept.Weight));

    private float RarityOf(float count) => MathF.Log(1 + ((_facts.Length - count + 0.5f) / (count + 0.5f)));

    private void AddConcept(Concept concept, float[] part, List<int> touched, float[] asked)
    {
        var alternatives = Alternatives(concept);
        var together = RarityOf(Math.Min(_facts.Length, alternatives.Sum(a => _postings.CountOf(a.Term))));
        foreach (var (term, weight) in alternatives)
        {
            var own = _weights.OwnRarity;
            asked[term] = Math.Max(asked[term], Math.Min(1, 1.5f * weight));
            AddTerm(term, weight * ((own * _rarity[term]) + ((1 - own) * Math.Min(together, _rarity[term]))), part, touched);
        }

        _meanings.Neighbours(concept.Stem, _weights.NeighbourFloor, (term, likeness) =>
        {
            asked[term] = Math.Max(asked[term], likeness);
            AddTerm(term, _weights.Neighbour * likeness * likeness * _rarity[term], part, touched);
        });
        AddHeads(concept.Stem, asked);
    }

    // Heads of which the tools know nothing are things of other APIs: they do not make a word less telling here.
    private void AddHeads(string stem, float[] asked)
    {
        var known = new List<int[]>();
        foreach (var head in _lexicon.HeadsOf(stem))
        {
            var terms = head.Split(' ').Select(_terms.Find).ToArray();
            if (!terms.Contains(TermTable.None))
            {
                known.Add(terms);
            }
        }

        foreach (var term in known.SelectMany(k => k))
        {
            asked[term] = Math.Min(1, asked[term] + (1 / MathF.Sqrt(known.Count)));
        }
    }

    // The words of a phrase count as one: each for its share.
    private List<(int Term, float Weight)> Alternatives(Concept concept)
    {
        var found = new List<(int, float)>();
        foreach (var (phrase, weight) in concept.Alternatives)
        {
            var stems = phrase.Split(' ');
            foreach (var stem in stems)
            {
                if (_terms.Find(stem) is var term and not TermTable.None)
                {
                    found.Add((term, weight / stems.Length));
                }
            }
        }

        return found;
    }

    private void AddTerm(int term, float weight, float[] part, List<int> touched)
    {
        for (var at = _postings.Starts[term]; at < _postings.Starts[term + 1]; at++)
        {
            var tool = _postings.Tools[at];
            var score = weight * _postings.Impacts[at] / 255;
            if (part[tool] == 0)
            {
                touched.Add(tool);
            }

            part[tool] = Math.Max(part[tool], score);
        }
    }

    private float FitOf(ToolFacts facts, Question question)
    {
        var fit = facts.Prior;
        var suits = ActionFit.Of(question.Action, facts.Action);
        fit *= 1 + (question.Certainty * suits * (suits > 0 ? _weights.Action : _weights.WrongAction));
        fit *= facts.Action == ToolAction.Delete && facts.IsCollection && question.IsAboutMany != true ? 1 - _weights.Sweep : 1;
        return question.IsAboutMany is { } many && facts.IsMany != many ? fit * (1 - _weights.WrongNumber) : fit;
    }
}
