namespace ToolRuntime.OpenApi.Search.Index;

/// <summary>The terms of the last two literal segments of each tool's path: what it is about, and whose that is.</summary>
internal sealed class ToolThings
{
    private readonly int[] _starts;
    private readonly int[] _terms;
    private readonly float[] _rarity;
    private readonly float[] _parentRarity;
    private readonly float _parentShare;

    private ToolThings(int[] starts, int[] terms, float[] rarity, float[] parentRarity, float parentShare) =>
        (_starts, _terms, _rarity, _parentRarity, _parentShare) = (starts, terms, rarity, parentRarity, parentShare);

    /// <summary>Takes them out of <paramref name="texts"/>.</summary>
    public static ToolThings Of(IReadOnlyList<ToolText> texts, int termCount, float parentShare)
    {
        var starts = new int[(texts.Count * 2) + 1];
        var terms = new List<int>();
        var counts = new int[termCount];
        var parents = new int[termCount];
        for (var tool = 0; tool < texts.Count; tool++)
        {
            starts[(tool * 2) + 1] = Add(texts[tool], ToolField.Thing, terms);
            foreach (var term in terms.Skip(starts[tool * 2]).Take(starts[(tool * 2) + 1] - starts[tool * 2]).Distinct())
            {
                counts[term]++;
            }

            starts[(tool * 2) + 2] = Add(texts[tool], ToolField.Parent, terms);
            for (var at = starts[(tool * 2) + 1]; at < starts[(tool * 2) + 2]; at++)
            {
                parents[terms[at]]++;
            }
        }

        var whole = MathF.Log(1 + texts.Count);
        return new ToolThings(
            starts, [.. terms], [.. counts.Select(c => MathF.Log(1 + (texts.Count / (c + 0.5f))))], [.. parents.Select(c => MathF.Log(1 + (texts.Count / (c + 1f))) / whole)], parentShare);
    }

    /// <summary>How much of what a tool is about is asked for, 0 to 1; a half where a tool's path does not say what it is about.</summary>
    /// <param name="tool">The tool's number.</param>
    /// <param name="asked">How much each term is asked for, 0 to 1.</param>
    public float ShareAsked(int tool, ReadOnlySpan<float> asked)
    {
        var thing = Mean(tool * 2, asked);
        var parent = Mean((tool * 2) + 1, asked);
        return (thing, parent) switch
        {
            (null, _) => 0.5f,
            ({ } only, null) => only,
            ({ } one, { } other) => (one + (ParentShare(tool) * other)) / (1 + ParentShare(tool)),
        };
    }

    /// <summary>How much a tool's thing is asked for, times how few tools are about it; 0 where it is not.</summary>
    public float Match(int tool, ReadOnlySpan<float> asked)
    {
        var terms = _terms.AsSpan(_starts[tool * 2].._starts[(tool * 2) + 1]);
        var sum = 0f;
        foreach (var term in terms)
        {
            sum += asked[term] * _rarity[term];
        }

        return terms.IsEmpty ? 0 : sum / terms.Length;
    }

    // What most tools are found under says nothing of one of them.
    private float ParentShare(int tool)
    {
        var share = 0f;
        foreach (var term in _terms.AsSpan(_starts[(tool * 2) + 1].._starts[(tool * 2) + 2]))
        {
            share = Math.Max(share, _parentRarity[term]);
        }

        return share * _parentShare;
    }

    private static int Add(ToolText text, ToolField field, List<int> terms)
    {
        var (start, end) = text.RangeOf(field);
        terms.AddRange(text.Slice(start, end));
        return terms.Count;
    }

    private float? Mean(int run, ReadOnlySpan<float> asked)
    {
        var terms = _terms.AsSpan(_starts[run].._starts[run + 1]);
        var sum = 0f;
        foreach (var term in terms)
        {
            sum += asked[term];
        }

        return terms.IsEmpty ? null : sum / terms.Length;
    }
}
