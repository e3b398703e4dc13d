using System.Text;

namespace ToolRuntime.Benchmarks.Figures;

/// <summary>The table, on the terminal and between the markers of docs/PERFORMANCE.md.</summary>
internal sealed class Report(string machine, DateTimeOffset date, int seed, TextWriter output)
{
    private const string Begin = "<!-- benchmarks: begin -->";
    private const string End = "<!-- benchmarks: end -->";
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

    /// <summary>All of it as Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder()
            .AppendLine($"{machine}; {date:yyyy-MM-dd HH:mm} UTC; seed {seed}.")
            .AppendLine()
            .AppendLine("| figure | value | peer, same run | ratio | bar | |")
            .AppendLine("|---|---|---|---|---|---|");
        foreach (var (_, f) in _figures)
        {
            text.AppendLine($"| {f.Name} | {f.Value} | {f.Peer} | {(f.Ratio is { } r ? Number(r) : "")} | {f.Bar} | {Mark(f.Passed)} |");
        }

        foreach (var (suite, table) in _tables)
        {
            text.AppendLine().AppendLine($"{suite}:").AppendLine().AppendLine(table.TrimEnd());
        }

        return text.ToString();
    }

    /// <summary>Puts the Markdown between the markers of <paramref name="page"/>.</summary>
    public static string Insert(string page, string markdown)
    {
        var begin = page.IndexOf(Begin, StringComparison.Ordinal);
        var end = page.IndexOf(End, StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? $"{page[..begin]}{Begin}\n\n{markdown.Trim()}\n\n{page[end..]}"
            : throw new InvalidDataException($"the page lacks the markers {Begin} and {End}");
    }

    private static string Mark(bool? passed) => passed switch { true => "pass", false => "FAIL", null => "" };

    private static string Number(double value) => value >= 100 ? value.ToString("0") : value.ToString("0.00");
}
