using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ToolRuntime.OpenApi.Reports;

/// <summary>A ledger for people and for programs.</summary>
public static class CoverageReport
{
    private const int MostListed = 50;

    /// <summary>The ledger as text: the sums, then each refusal and warning with its place.</summary>
    public static string ToText(ConversionLedger ledger)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{(ledger.Title.Length > 0 ? ledger.Title : "(no title)")}, {ledger.Format}\n");
        text.Append(CultureInfo.InvariantCulture, $"{ledger.Operations} operations: {ledger.Callable.Count} callable, {ledger.Left.Count} left out by choice, {ledger.Refusals.Count} refused; {ledger.CallablePercent:0.00} % callable\n");
        foreach (var refusals in ledger.Refusals.GroupBy(r => r.Code, StringComparer.Ordinal).OrderByDescending(g => g.Count()))
        {
            text.Append(CultureInfo.InvariantCulture, $"\nrefused, {refusals.Key}: {refusals.Count()}\n");
            foreach (var refusal in refusals.Take(MostListed))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {refusal.Pointer}: {refusal.Message}; {refusal.Hint}\n");
            }

            More(text, refusals.Count());
        }

        foreach (var warnings in ledger.Warnings.GroupBy(w => w.Code, StringComparer.Ordinal).OrderByDescending(g => g.Count()))
        {
            text.Append(CultureInfo.InvariantCulture, $"\nwarning, {warnings.Key}: {warnings.Count()}\n");
            foreach (var warning in warnings.Take(MostListed))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {warning.Pointer}: {warning.Message}\n");
            }

            More(text, warnings.Count());
        }

        return text.ToString();
    }

    /// <summary>The ledger as JSON: <c>operations</c>, <c>callable</c>, <c>callablePercent</c>, <c>tools</c>, <c>left</c>, <c>refusals</c>, <c>warnings</c>.</summary>
    public static byte[] ToJson(ConversionLedger ledger)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("title"u8, ledger.Title);
            writer.WriteString("format"u8, ledger.Format.ToString());
            writer.WriteNumber("operations"u8, ledger.Operations);
            writer.WriteNumber("callable"u8, ledger.Callable.Count);
            writer.WriteNumber("callablePercent"u8, Math.Round(ledger.CallablePercent, 2));
            Entries(writer, "tools", "name", ledger.Callable);
            Entries(writer, "left", "reason", ledger.Left);
            List(writer, "refusals", ledger.Refusals.Select(r => new[] { ("code", r.Code), ("pointer", r.Pointer), ("message", r.Message), ("hint", r.Hint) }));
            List(writer, "warnings", ledger.Warnings.Select(w => new[] { ("code", w.Code), ("pointer", w.Pointer), ("message", w.Message) }));
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void More(StringBuilder text, int count)
    {
        if (count > MostListed)
        {
            text.Append(CultureInfo.InvariantCulture, $"  and {count - MostListed} more\n");
        }
    }

    private static void Entries(Utf8JsonWriter writer, string name, string text, IReadOnlyList<LedgerEntry> entries) =>
        List(writer, name, entries.Select(e => new[] { ("operation", e.Key), ("pointer", e.Pointer), (text, e.Text) }));

    private static void List(Utf8JsonWriter writer, string name, IEnumerable<(string Name, string Value)[]> items)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteStartObject();
            foreach (var (key, value) in item)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
