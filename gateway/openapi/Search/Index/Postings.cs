namespace ToolRuntime.OpenApi.Search.Index;

/// <summary>
/// Which tools use which term, and how much it says about them. All in three arrays: a posting is five bytes, and nothing is kept by string.
/// </summary>
/// <param name="Starts">Where the postings of each term begin; one more than there are terms.</param>
/// <param name="Tools">Numbers of tools, ascending within a term.</param>
/// <param name="Impacts">What the term says about the tool: BM25F's saturated weight in 255ths.</param>
internal sealed record Postings(int[] Starts, int[] Tools, byte[] Impacts)
{
    /// <summary>How many tools use <paramref name="term"/>.</summary>
    public int CountOf(int term) => Starts[term + 1] - Starts[term];

    /// <summary>The same, each tool counted for what the term says about it.</summary>
    public float WeightOf(int term)
    {
        var sum = 0f;
        for (var at = Starts[term]; at < Starts[term + 1]; at++)
        {
            sum += Impacts[at] / 255f;
        }

        return sum;
    }

    /// <summary>Makes them.</summary>
    public static Postings Of(IReadOnlyList<ToolText> texts, int terms, SearchWeights weights)
    {
        var averages = Averages(texts);
        var sums = new float[terms];
        var touched = new List<int>();
        var all = new List<(int Term, int Tool, byte Impact)>();
        for (var tool = 0; tool < texts.Count; tool++)
        {
            Sum(texts[tool], averages, weights, sums, touched);
            foreach (var term in touched)
            {
                var impact = sums[term] / (sums[term] + weights.Saturation);
                all.Add((term, tool, (byte)Math.Clamp((int)MathF.Round(impact * 255), 1, 255)));
                sums[term] = 0;
            }

            touched.Clear();
        }

        return Pack(all, terms);
    }

    private static float[] Averages(IReadOnlyList<ToolText> texts)
    {
        var sums = new float[Enum.GetValues<ToolField>().Length];
        foreach (var text in texts)
        {
            for (var field = 0; field < sums.Length; field++)
            {
                var (start, end) = text.RangeOf((ToolField)field);
                sums[field] += end - start;
            }
        }

        for (var field = 0; field < sums.Length; field++)
        {
            sums[field] = Math.Max(1, sums[field] / Math.Max(1, texts.Count));
        }

        return sums;
    }

    private static void Sum(ToolText text, float[] averages, SearchWeights weights, float[] sums, List<int> touched)
    {
        for (var field = 0; field < averages.Length; field++)
        {
            var (start, end) = text.RangeOf((ToolField)field);
            var b = weights.Lengths[field];
            var weight = weights.Fields[field] / (1 - b + (b * (end - start) / averages[field]));
            foreach (var term in text.Slice(start, end))
            {
                if (sums[term] == 0)
                {
                    touched.Add(term);
                }

                sums[term] += weight;
            }
        }
    }

    private static Postings Pack(List<(int Term, int Tool, byte Impact)> all, int terms)
    {
        var starts = new int[terms + 1];
        foreach (var (term, _, _) in all)
        {
            starts[term + 1]++;
        }

        for (var term = 0; term < terms; term++)
        {
            starts[term + 1] += starts[term];
        }

        var (at, tools, impacts) = (starts[..^1], new int[all.Count], new byte[all.Count]);
        foreach (var (term, tool, impact) in all)
        {
            tools[at[term]] = tool;
            impacts[at[term]++] = impact;
        }

        return new Postings(starts, tools, impacts);
    }
}
