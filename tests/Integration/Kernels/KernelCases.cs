using System.Text;
using System.Text.Json.Nodes;

namespace ToolRuntime.Tests.Integration.Kernels;

/// <summary>
/// Tables of cells and what they show. A case is a name after <c>##</c>, cells divided by <c>---</c>, and what the last of them shows, a line each:
/// <c>=> stdout a\n</c>, <c>=> text 2 | html &lt;b></c> for a result, <c>=> display text 2</c> for one that is not the cell's value,
/// <c>=> error Name: message</c>. A line that ends in <c>...</c> gives the beginning.
/// </summary>
internal static class KernelCases
{
    private static readonly string[] s_forms = ["text", "html", "markdown", "svg", "png", "jpeg", "pdf", "latex", "json", "javascript", "data", "chart", "extra"];

    /// <summary>Runs a table; what went otherwise than it says.</summary>
    public static async Task<(int Cases, IReadOnlyList<string> Wrong)> RunAsync(KernelTalk kernel, string table, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(KernelProcess.Folder, "..", "..", "tests", "Integration", "Kernels", "cases", table), cancellationToken);
        var wrong = new List<string>();
        var cases = text.Split("\n## ", StringSplitOptions.RemoveEmptyEntries);
        foreach (var one in cases)
        {
            var (name, cells, expected) = Read(one);
            IReadOnlyList<JsonObject> events = [];
            foreach (var cell in cells)
            {
                events = await kernel.RunAsync(cell, cancellationToken);
            }

            var shown = events.Select(Line).ToList();
            if (shown.Count != expected.Count || shown.Zip(expected).Any(pair => !Fits(pair.First, pair.Second)))
            {
                wrong.Add($"{name}:\n  expected {string.Join("\n           ", expected)}\n  shown    {string.Join("\n           ", shown)}");
            }
        }

        return (cases.Length, wrong);
    }

    /// <summary>One line for an event.</summary>
    public static string Line(JsonObject happened) => Escape((string)happened["type"]! switch
    {
        "result" => ((bool)happened["is_main_result"]! ? "" : "display ") + string.Join(" | ", s_forms.Where(f => happened[f] is not null).Select(f => $"{f} {TextOf(happened[f]!)}")),
        "error" => $"error {happened["name"]}: {happened["value"]}",
        var stream => $"{stream} {happened["text"]}",
    });

    private static string TextOf(JsonNode value) => value is JsonValue ? value.ToString() : value.ToJsonString();

    private static bool Fits(string shown, string expected) =>
        expected.EndsWith("...", StringComparison.Ordinal) ? shown.StartsWith(expected[..^3], StringComparison.Ordinal) : shown == expected;

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static (string Name, List<string> Cells, List<string> Expected) Read(string one)
    {
        List<string> cells = [];
        List<string> expected = [];
        var cell = new StringBuilder();
        var lines = one.TrimStart('#', ' ').Split('\n');
        foreach (var line in lines[1..])
        {
            if (line == "---")
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else if (line.StartsWith("=> ", StringComparison.Ordinal))
            {
                expected.Add(line[3..]);
            }
            else if (expected.Count == 0)
            {
                cell.Append(line).Append('\n');
            }
        }

        cells.Add(cell.ToString().TrimEnd('\n'));
        return (lines[0], cells, [.. expected.Where(e => e != "nothing")]);
    }
}
