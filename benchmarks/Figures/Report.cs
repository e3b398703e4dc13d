namespace ToolRuntime.Benchmarks.Figures;

/// <summary>What a run measured, on the terminal and then on docs/PERFORMANCE.md.</summary>
internal sealed class Report(string machine, DateTimeOffset date, int seed, TextWriter output)
{
    private readonly List<(string Suite, Figure Figure)> _figures = [];
    private readonly List<(string Suite, string Table)> _tables = [];

    /// <summary>Whether no bar was missed.</summary>
    public bool AllPassed => _figures.TrueForAll(f => f.Figure.Passed != false);

    /// <summary>Takes a line up and prints it.</summary>
    public void Add(string suite, Figure figure)
    {
        _figures.Add((suite, figure));
        output.WriteLine($"  {Mark(figure.Passed),-4} {figure.Name}: {figure.Value}{(figure.Peer.Length > 0 ? $" | {figure.Peer}" : "")}{(figure.Ratio is { } r ? $" | ratio {Number(r)}" : "")} | bar {figure.Bar}");
    }

    /// <summary>Takes a table of its own up, as Markdown, and prints it.</summary>
    public void AddTable(string suite, string table)
    {
        _tables.Add((suite, table));
        output.WriteLine(table);
    }

    /// <summary>The page with what these suites measured now, and what it said of all others.</summary>
    /// <param name="page">The page as it is.</param>
    /// <param name="measured">Suites that ran to their end.</param>
    /// <param name="suites">All that there are, in their order.</param>
    /// <exception cref="InvalidDataException">The page has no markers.</exception>
    public string WriteTo(string page, IReadOnlyCollection<string> measured, IReadOnlyList<string> suites)
    {
        var figures = FigurePage.Of(page);
        figures.AddRun(machine, date, seed);
        foreach (var suite in measured)
        {
            figures.Forget(suite);
        }

        foreach (var (suite, figure) in _figures.Where(f => measured.Contains(f.Suite)))
        {
            figures.Add(suite, date, figure);
        }

        foreach (var (suite, table) in _tables.Where(t => measured.Contains(t.Suite)))
        {
            figures.AddTable(suite, date, table);
        }

        return figures.WriteTo(page, suites);
    }

    /// <summary>How a bar that was met or missed is written.</summary>
    public static string Mark(bool? passed) => passed switch { true => "pass", false => "FAIL", null => "" };

    /// <summary>How a ratio is written.</summary>
    public static string Number(double value) => value >= 100 ? value.ToString("0") : value.ToString("0.00");
}
