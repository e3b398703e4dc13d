namespace ToolRuntime.Bus.Streams;

/// <summary>
/// How chunks are found by their position without a scan: each message names the sequences of the 16 chunks before it, and of the last chunks
/// at multiples of 16, 256, 4,096, 65,536 and 1,048,576 positions.
/// </summary>
internal static class StreamChain
{
    /// <summary>Sequences in a list, and the step between two levels of skips.</summary>
    public const int Length = 16;

    private const int Levels = 5;

    /// <summary>The list of the message after <paramref name="last"/>.</summary>
    public static IReadOnlyList<ulong> After(StoredState last)
    {
        var chain = last.State.Chain;
        if (last.State.Chunk == ChunkKind.None)
        {
            return chain;
        }

        return chain.Count == 0 ? [last.Sequence] : [last.Sequence, last.Sequence - chain[0], .. chain.Skip(1).Take(Length - 2)];
    }

    /// <summary>The skips of the message after <paramref name="last"/>.</summary>
    public static IReadOnlyList<ulong> SkipsAfter(StoredState last)
    {
        if (last.State.Chunk == ChunkKind.None || last.State.Position % Length != 0)
        {
            return last.State.Skips;
        }

        var skips = new ulong[Levels];
        for (var (level, step) = (0, (ulong)Length); level < Levels; level++, step *= Length)
        {
            skips[level] = last.State.Position % step == 0 ? last.Sequence : level < last.State.Skips.Count ? last.State.Skips[level] : 0;
        }

        return skips;
    }

    /// <summary>The sequences of the chunks that a message knows, newest first, and the newest one's position.</summary>
    public static (ulong Top, List<ulong> Sequences) Known(StoredState message)
    {
        var sequences = new List<ulong>(Length + 1);
        if (message.State.Chunk != ChunkKind.None)
        {
            sequences.Add(message.Sequence);
        }

        var at = 0UL;
        foreach (var step in message.State.Chain)
        {
            at = at == 0 ? step : at - step;
            sequences.Add(at);
        }

        return (message.State.Position, sequences);
    }

    /// <summary>The sequence of the chunk that lies nearest to <paramref name="position"/> and not before it, by the skips of a message; null where there is none.</summary>
    public static ulong? Nearest(StoredState message, ulong position)
    {
        ulong? nearest = null;
        for (var (level, step) = (0, (ulong)Length); level < message.State.Skips.Count; level++, step *= Length)
        {
            var target = message.Below - (message.Below % step);
            if (target < position || message.State.Skips[level] == 0)
            {
                break;
            }

            nearest = message.State.Skips[level];
        }

        return nearest;
    }
}
