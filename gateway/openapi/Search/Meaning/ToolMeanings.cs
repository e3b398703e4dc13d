using ToolRuntime.OpenApi.Search.Index;

namespace ToolRuntime.OpenApi.Search.Meaning;

/// <summary>Where the terms and tools of one index stand in the space of meanings.</summary>
internal sealed class ToolMeanings
{
    private readonly MeaningTable _table;
    private readonly int[] _terms;
    private readonly sbyte[] _termRows;
    private readonly sbyte[] _toolRows;

    private ToolMeanings(MeaningTable table, int[] terms, sbyte[] termRows, sbyte[] toolRows) =>
        (_table, _terms, _termRows, _toolRows) = (table, terms, termRows, toolRows);

    /// <summary>Places terms by the table, and tools by what their terms say, weighted by rarity.</summary>
    public static ToolMeanings Of(TermTable terms, Postings postings, IReadOnlyList<float> rarity, int tools, MeaningTable table)
    {
        var width = table.Width;
        var known = new List<int>();
        var rows = new List<sbyte>();
        var sums = new float[tools * width];
        for (var term = 0; term < terms.Count; term++)
        {
            var row = table.Of(terms.StemOf(term));
            if (row.IsEmpty || postings.CountOf(term) == 0)
            {
                continue;
            }

            known.Add(term);
            rows.AddRange(row);
            for (var at = postings.Starts[term]; at < postings.Starts[term + 1]; at++)
            {
                var weight = rarity[term] * postings.Impacts[at] * postings.Impacts[at];
                var sum = sums.AsSpan(postings.Tools[at] * width, width);
                for (var i = 0; i < width; i++)
                {
                    sum[i] += weight * row[i];
                }
            }
        }

        var toolRows = new sbyte[tools * width];
        for (var tool = 0; tool < tools; tool++)
        {
            Likeness.Normalise(sums.AsSpan(tool * width, width), toolRows.AsSpan(tool * width, width));
        }

        return new ToolMeanings(table, [.. known], [.. rows], toolRows);
    }

    /// <summary>Calls <paramref name="found"/> for each term whose likeness to <paramref name="stem"/> is at least <paramref name="floor"/>.</summary>
    public void Neighbours(string stem, float floor, Action<int, float> found)
    {
        var row = _table.Of(stem);
        Span<short> wide = stackalloc short[_table.Width];
        Likeness.Widen(row, wide);
        for (var i = 0; !row.IsEmpty && i < _terms.Length; i++)
        {
            var likeness = Likeness.Of(wide, _termRows.AsSpan(i * wide.Length, wide.Length));
            if (likeness >= floor)
            {
                found(_terms[i], likeness);
            }
        }
    }

    /// <summary>Adds to each score the likeness of the tool to the stems together, times <paramref name="weight"/>.</summary>
    public void AddLikeness(IReadOnlyList<(string Stem, float Weight)> stems, float weight, Span<float> scores)
    {
        Span<float> sum = stackalloc float[_table.Width];
        foreach (var (stem, share) in stems)
        {
            var row = _table.Of(stem);
            for (var i = 0; i < row.Length; i++)
            {
                sum[i] += share * row[i];
            }
        }

        Span<sbyte> unit = stackalloc sbyte[_table.Width];
        Likeness.Normalise(sum, unit);
        Span<short> wide = stackalloc short[_table.Width];
        Likeness.Widen(unit, wide);
        for (var tool = 0; tool < scores.Length; tool++)
        {
            scores[tool] += weight * Math.Max(0, Likeness.Of(wide, _toolRows.AsSpan(tool * unit.Length, unit.Length)));
        }
    }
}
