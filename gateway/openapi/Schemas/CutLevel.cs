namespace ToolRuntime.OpenApi.Schemas;

/// <summary>How much of a schema is shown.</summary>
/// <param name="Depth">Deepest schema shown; the root is 0, an argument 1. What lies deeper is cut.</param>
/// <param name="Words">Most characters of a description; arguments have twice as many.</param>
/// <param name="Values">Most values of an enum.</param>
internal readonly record struct CutLevel(int Depth, int Words, int Values)
{
    /// <summary>From everything to hardly anything; the first that fits the budget is taken.</summary>
    public static IReadOnlyList<CutLevel> All { get; } =
    [
        new(80, 1024, int.MaxValue), new(80, 300, 300), new(80, 120, 100), new(8, 120, 100), new(6, 120, 60), new(5, 120, 60), new(4, 120, 60),
        new(3, 120, 60), new(3, 60, 30), new(2, 120, 60), new(2, 60, 30), new(2, 30, 12), new(1, 100, 30), new(1, 50, 12), new(1, 20, 6), new(1, 0, 6),
        new(0, 100, 30), new(0, 40, 12), new(0, 0, 0),
    ];
}
