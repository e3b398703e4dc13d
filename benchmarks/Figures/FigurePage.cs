using System.Text;
using System.Text.RegularExpressions;

namespace ToolRuntime.Benchmarks.Figures;

/// <summary>
/// What stands between the markers of docs/PERFORMANCE.md: lines of runs, rows and tables, each of one suite and one run. A run replaces what its own
/// suites wrote and leaves the rest, so that a suite can be measured by itself.
/// </summary>
internal sealed partial class FigurePage
{
    private const string Begin = "<!-- benchmarks: begin -->";
    private const string End = "<!-- benchmarks: end -->";
    private const string DateFormat = "yyyy-MM-dd HH:mm";
    private readonly Dictionary<string, string> _runs = new(StringComparer.Ordinal);
    private readonly List<(string Suite, string Date, string Row)> _rows = [];
    private readonly List<(string Suite, string Date, string Table)> _tables = [];

    /// <summary>Reads a page's figures.</summary>
    /// <exception cref="InvalidDataException">It has no markers.</exception>
    public static FigurePage Of(string page)
    {
        var (begin, end) = Markers(page);
        var read = new FigurePage();
        foreach (var block in page[(begin + Begin.Length)..end].Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            read.Take(block);
        }

        return read;
    }

    /// <summary>Notes a run.</summary>
    public void AddRun(string machine, DateTimeOffset date, int seed) => _runs[Text(date)] = $"{machine}; {Text(date)} UTC; seed {seed}.";

    /// <summary>Forgets what was written of a suite.</summary>
    public void Forget(string suite)
    {
        _rows.RemoveAll(r => r.Suite == suite);
        _tables.RemoveAll(t => t.Suite == suite);
    }

    /// <summary>Takes a figure up.</summary>
    public void Add(string suite, DateTimeOffset date, Figure figure)
    {
        var ratio = figure.Ratio is { } r ? Report.Number(r) : "";
        _rows.Add((suite, Text(date), $"| {suite} | {figure.Name} | {figure.Value} | {figure.Peer} | {ratio} | {figure.Bar} | {Report.Mark(figure.Passed)} | {Text(date)} |"));
    }

    /// <summary>Takes a table up.</summary>
    public void AddTable(string suite, DateTimeOffset date, string table) => _tables.Add((suite, Text(date), table.TrimEnd()));

    /// <summary>The page with these figures between its markers, by suite in the order given; of suites that are no longer there nothing stays.</summary>
    public string WriteTo(string page, IReadOnlyList<string> suites)
    {
        var (begin, end) = Markers(page);
        return $"{page[..begin]}{Begin}\n\n{Markdown(suites)}\n\n{page[end..]}";
    }

    private string Markdown(IReadOnlyList<string> suites)
    {
        var rows = suites.SelectMany(s => _rows.Where(r => r.Suite == s)).ToList();
        var tables = suites.SelectMany(s => _tables.Where(t => t.Suite == s)).ToList();
        var dates = rows.Select(r => r.Date).Concat(tables.Select(t => t.Date)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var text = new StringBuilder()
            .AppendJoin("\n\n", dates.Select(d => _runs.GetValueOrDefault(d, $"a run of {d} UTC")))
            .Append("\n\n| suite | figure | value | peer, same run | ratio | bar | | run |\n|---|---|---|---|---|---|---|---|\n")
            .AppendJoin('\n', rows.Select(r => r.Row));
        foreach (var (suite, date, table) in tables)
        {
            text.Append($"\n\n{suite}, {date}:\n\n{table}");
        }

        return text.ToString();
    }

    private void Take(string block)
    {
        if (RunLine().Match(block) is { Success: true } run)
        {
            _runs[run.Groups["date"].Value] = block;
        }
        else if (TableHead().Match(block) is { Success: true } head)
        {
            _tables.Add((head.Groups["suite"].Value, head.Groups["date"].Value, ""));
        }
        else if (_tables is [.., { Table: "" } last])
        {
            _tables[^1] = last with { Table = block };
        }
        else
        {
            _rows.AddRange(block.Split('\n').Skip(2).Select(r => (Cell(r, 1), Cell(r, ^2), r)));
        }
    }

    private static string Cell(string row, Index cell) => row.Split('|')[cell].Trim();

    private static string Text(DateTimeOffset date) => date.ToString(DateFormat);

    private static (int Begin, int End) Markers(string page)
    {
        var begin = page.IndexOf(Begin, StringComparison.Ordinal);
        var end = page.IndexOf(End, StringComparison.Ordinal);
        return begin >= 0 && end > begin ? (begin, end) : throw new InvalidDataException($"the page lacks the markers {Begin} and {End}");
    }

    [GeneratedRegex(@"; (?<date>\d{4}-\d\d-\d\d \d\d:\d\d) UTC; seed -?\d+\.$", RegexOptions.None, 1000)]
    private static partial Regex RunLine();

    [GeneratedRegex(@"^(?<suite>\w+), (?<date>\d{4}-\d\d-\d\d \d\d:\d\d):$", RegexOptions.None, 1000)]
    private static partial Regex TableHead();
}
