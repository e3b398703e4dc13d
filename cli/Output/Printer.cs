using System.Text.Json;

using Spectre.Console;

namespace ToolRuntime.Cli.Output;

/// <summary>Results on stdout: JSON for scripts, tables and text for people.</summary>
internal static class Printer
{
    private static readonly JsonWriterOptions s_indented = new() { Indented = true };

    public static void Json(JsonElement value)
    {
        using var output = Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(output, s_indented))
        {
            value.WriteTo(writer);
        }

        output.WriteByte((byte)'\n');
    }

    public static void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.ToList();
        if (Console.IsOutputRedirected)
        {
            foreach (var row in all)
            {
                Console.Out.WriteLine(string.Join('\t', row));
            }

            return;
        }

        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn($"[grey]{Markup.Escape(column)}[/]").PadRight(3));
        }

        foreach (var row in all)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        AnsiConsole.Write(table);
    }

    /// <summary>A member as text, or empty.</summary>
    public static string Text(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member)
            ? member.ValueKind switch
            {
                JsonValueKind.String => member.GetString()!,
                JsonValueKind.Null or JsonValueKind.Undefined => "",
                _ => member.GetRawText(),
            }
            : "";

    /// <summary>An array member's items, or none.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Array ? member.EnumerateArray() : [];
}
