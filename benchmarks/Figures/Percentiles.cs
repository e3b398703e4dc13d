using ToolRuntime.Benchmarks.Load;

namespace ToolRuntime.Benchmarks.Figures;

/// <summary>Percentiles by nearest rank: each is a time that was really taken, none is interpolated.</summary>
internal static class Percentiles
{
    /// <summary>The usual four of <paramref name="times"/>, which must not be empty.</summary>
    public static Latencies Of(IEnumerable<double> times)
    {
        var sorted = times.Order().ToArray();
        return new Latencies(Rank(sorted, 0.5), Rank(sorted, 0.9), Rank(sorted, 0.99), sorted[^1]);
    }

    /// <summary>The smallest value that at least the share <paramref name="share"/> (above 0, at most 1) of <paramref name="sorted"/> does not exceed.</summary>
    public static double Rank(IReadOnlyList<double> sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];

    /// <summary>The median of <paramref name="values"/>.</summary>
    public static double Median(IEnumerable<double> values) => Rank([.. values.Order()], 0.5);
}
