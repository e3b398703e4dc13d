using System.Buffers.Text;
using System.Globalization;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Bus.Sessions;

/// <summary>
/// The chain of one call's sequences: each event carries its previous one (JetStream's own expectation header) and a short list of those before, so
/// that a reader walks back in steps of <see cref="Length"/> and fetches forwards by exact sequence, without any scan.
/// </summary>
internal static class EventChain
{
    /// <summary>Header with the sequences before the previous one, newest first, as differences.</summary>
    public const string Header = "Toolrt-Chain";

    /// <summary>Sequences in the list.</summary>
    public const int Length = 16;

    /// <summary>The list for an event that follows <paramref name="earlier"/> (newest last); null when there is none.</summary>
    public static string? Format(IReadOnlyList<ulong> earlier) =>
        earlier.Count < 2 ? null : string.Join(',', Enumerable.Range(2, earlier.Count - 1).Select(i => (earlier[^(i - 1)] - earlier[^i]).ToString(CultureInfo.InvariantCulture)));

    /// <summary>The sequences before a stored event, newest first; empty for the first of a call.</summary>
    public static IReadOnlyList<ulong> Earlier(NatsHeaders headers)
    {
        if (!headers.TryGetNumber("Nats-Expected-Last-Subject-Sequence"u8, out var previous) || previous == 0)
        {
            return [];
        }

        var sequences = new List<ulong>(Length) { previous };
        if (headers.TryFind("Toolrt-Chain"u8, out var list))
        {
            while (Utf8Parser.TryParse(list, out ulong step, out var used) && step > 0 && step < sequences[^1])
            {
                sequences.Add(sequences[^1] - step);
                list = list.Length > used ? list[(used + 1)..] : default;
            }
        }

        return sequences;
    }
}
