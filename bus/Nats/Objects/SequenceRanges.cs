using System.Globalization;
using System.Text;

namespace ToolRuntime.Bus.Nats.Objects;

/// <summary>Growing stream sequences written as ranges: <c>3-9,12,20-21</c>.</summary>
internal static class SequenceRanges
{
    /// <summary>Writes them.</summary>
    public static string Format(IReadOnlyList<ulong> sequences)
    {
        var text = new StringBuilder();
        for (var i = 0; i < sequences.Count;)
        {
            var end = i;
            while (end + 1 < sequences.Count && sequences[end + 1] == sequences[end] + 1)
            {
                end++;
            }

            text.Append(text.Length == 0 ? "" : ",").Append(sequences[i]);
            if (end > i)
            {
                text.Append('-').Append(sequences[end]);
            }

            i = end + 1;
        }

        return text.ToString();
    }

    /// <summary>Reads them, at most <paramref name="maximum"/>.</summary>
    /// <exception cref="InvalidDataException">They are not of that form, or more.</exception>
    public static IReadOnlyList<ulong> Parse(string text, int maximum)
    {
        var sequences = new List<ulong>();
        foreach (var range in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var dash = range.IndexOf('-', StringComparison.Ordinal);
            var from = Number(dash < 0 ? range : range[..dash]);
            var to = dash < 0 ? from : Number(range[(dash + 1)..]);
            if (to < from || to - from >= (ulong)(maximum - sequences.Count))
            {
                throw new InvalidDataException($"object: sequences say more than {maximum} chunks");
            }

            for (var s = from; s <= to; s++)
            {
                sequences.Add(s);
            }
        }

        return sequences;
    }

    private static ulong Number(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value < ulong.MaxValue
            ? value
            : throw new InvalidDataException("object: sequences are not numbers");
}
