using System.Globalization;

namespace ToolRuntime.Bus.Streams;

/// <summary>Decides on appends and creations; pure.</summary>
public static class StreamRules
{
    /// <summary>Producers that a stream remembers; the one that was silent longest is forgotten first.</summary>
    public const int MostProducers = 64;

    /// <summary>Reads an RFC 3339 time.</summary>
    public static bool TryReadTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    /// <summary>A media type without its parameters, lower case.</summary>
    public static string MediaType(string contentType)
    {
        ArgumentNullException.ThrowIfNull(contentType);
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? contentType : contentType[..end]).Trim().ToLowerInvariant();
    }

    /// <summary>Whether the stream that is asked for is the one that stands.</summary>
    internal static bool IsSame(StreamState state, StreamRequest request) =>
        MediaType(state.ContentType) == MediaType(request.ContentType)
        && state.TtlSeconds == request.TtlSeconds
        && state.ExpiresAt == request.ExpiresAt
        && state.IsClosed == request.IsClosed
        && state.Fork?.Path == request.Fork?.Path
        && (!request.NamesForkPlace || state.Fork?.Position == request.Fork?.Position)
        && (state.Fork?.Part ?? 0) == (request.Fork?.Part ?? 0);

    /// <summary>What becomes of an append to a living stream; where it is appended, <see cref="After"/> gives the state after it.</summary>
    internal static (AppendOutcome Outcome, ProducerMark? Producer) Decide(StreamState state, AppendRequest request, long largest)
    {
        if (state.IsClosed)
        {
            return OfClosed(state, request);
        }

        if (request is { ContentType: { } type, Data.IsEmpty: false } && MediaType(type) != MediaType(state.ContentType))
        {
            return (AppendOutcome.WrongContentType, null);
        }

        var (outcome, known) = OfProducer(state, request.Producer);
        if (outcome != AppendOutcome.Appended)
        {
            return (outcome, known);
        }

        if (request.WriterSequence is { } sequence && state.WriterSequence is { } last && string.CompareOrdinal(sequence, last) <= 0)
        {
            return (AppendOutcome.SequenceConflict, null);
        }

        return (state.Bytes + request.Data.Length > largest ? AppendOutcome.Full : AppendOutcome.Appended, request.Producer);
    }

    /// <summary>The state after an append that was decided for.</summary>
    internal static StreamState After(StoredState last, AppendRequest request, DateTimeOffset now)
    {
        var next = Next(last, request.Data.IsEmpty ? ChunkKind.None : ChunkKind.Inline, request.Data.Length, now);
        return next with
        {
            IsClosed = request.Closes,
            ClosedBy = request.Closes ? request.Producer : null,
            WriterSequence = request.WriterSequence ?? next.WriterSequence,
            Producers = request.Producer is { } producer ? WithProducer(next.Producers, producer) : next.Producers,
        };
    }

    /// <summary>The state of the message after <paramref name="last"/>, with a chunk or without.</summary>
    internal static StreamState Next(StoredState last, ChunkKind chunk, long bytes, DateTimeOffset now) => last.State with
    {
        UsedAt = now.ToUnixTimeMilliseconds(),
        Position = last.State.Position + (chunk == ChunkKind.None ? 0UL : 1UL),
        Bytes = last.State.Bytes + bytes,
        Chunk = chunk,
        Chain = StreamChain.After(last),
        Skips = StreamChain.SkipsAfter(last),
    };

    private static (AppendOutcome Outcome, ProducerMark? Producer) OfClosed(StreamState state, AppendRequest request)
    {
        var repeats = request.Producer is { } producer ? producer == state.ClosedBy : request.Closes && request.Data.IsEmpty;
        return (repeats ? AppendOutcome.Duplicate : AppendOutcome.Closed, request.Producer);
    }

    private static (AppendOutcome Outcome, ProducerMark? Known) OfProducer(StreamState state, ProducerMark? producer)
    {
        if (producer is null)
        {
            return (AppendOutcome.Appended, null);
        }

        var known = state.Producers.FirstOrDefault(p => p.Id == producer.Id);
        return known switch
        {
            null => (producer.Sequence == 0 ? AppendOutcome.Appended : AppendOutcome.SequenceGap, null),
            _ when producer.Epoch < known.Epoch => (AppendOutcome.StaleEpoch, known),
            _ when producer.Epoch > known.Epoch => (producer.Sequence == 0 ? AppendOutcome.Appended : AppendOutcome.EpochBeginsAboveZero, known),
            _ when producer.Sequence <= known.Sequence => (AppendOutcome.Duplicate, known),
            _ => (producer.Sequence == known.Sequence + 1 ? AppendOutcome.Appended : AppendOutcome.SequenceGap, known),
        };
    }

    private static IReadOnlyList<ProducerMark> WithProducer(IReadOnlyList<ProducerMark> producers, ProducerMark producer)
    {
        var others = producers.Where(p => p.Id != producer.Id).ToList();
        return [.. others.Skip(Math.Max(0, others.Count - MostProducers + 1)), producer];
    }
}
