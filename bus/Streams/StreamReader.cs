using ToolRuntime.Bus.Sessions;

namespace ToolRuntime.Bus.Streams;

/// <summary>Reads what a stream has stored, by position: jumps back over the skips, walks the last steps along the chain, fetches forwards.</summary>
internal sealed class StreamReader(StreamStore store)
{
    private const int MostChunks = 1024;

    /// <summary>The chunks of a stream after <paramref name="from"/>, as many as <paramref name="bytes"/> hold but at least one; before a fork, those of its source.</summary>
    public ValueTask<StreamPage> ReadAsync(StoredState stream, StreamOffset from, int bytes, CancellationToken cancellationToken) =>
        ReadAsync(stream, from, stream.State.Position, bytes, cancellationToken);

    private async ValueTask<StreamPage> ReadAsync(StoredState stream, StreamOffset from, ulong cap, int bytes, CancellationToken cancellationToken)
    {
        var page = new PageBuilder(stream, from);
        var start = stream.State.Fork?.Position ?? 0;
        if (from.Position < Math.Min(start, cap) && !await AddInheritedAsync(page, Math.Min(start, cap), bytes, cancellationToken))
        {
            return page.Gone();
        }

        if (page.End.Position >= start && page.End.Position < cap && page.Bytes < bytes && !await AddOwnAsync(page, cap, bytes, cancellationToken))
        {
            return page.Gone();
        }

        return page.Build();
    }

    private async ValueTask<bool> AddInheritedAsync(PageBuilder page, ulong cap, int bytes, CancellationToken cancellationToken)
    {
        var source = await store.FindAsync(new StreamKey(page.Stream.Place.Tenant, page.Stream.State.Fork!.Path), cancellationToken);
        if (source is null)
        {
            return false;
        }

        var inherited = await ReadAsync(source, page.End, cap, bytes, cancellationToken);
        foreach (var chunk in inherited.Chunks)
        {
            page.Add(chunk);
        }

        return !inherited.IsGone;
    }

    private async ValueTask<bool> AddOwnAsync(PageBuilder page, ulong cap, int bytes, CancellationToken cancellationToken)
    {
        var to = Math.Min(cap, page.End.Position + MostChunks);
        if (await LocateAsync(page.Stream, to, cancellationToken) is not { } anchor || await CollectAsync(page, anchor, to, cancellationToken) is not { } ahead)
        {
            return false;
        }

        while (page.Bytes < bytes)
        {
            var (isThere, message) = await ahead.NextAsync(cancellationToken);
            if (!isThere)
            {
                break;
            }

            var stored = message is { } kept ? StreamStore.Read(page.Stream.Place, kept) : null;
            if (stored is null || await store.ChunkAsync(stored, cancellationToken) is not { } data)
            {
                return false;
            }

            page.Add(new StreamChunk(new StreamOffset(stored.State.Position, stored.Sequence), data));
        }

        return true;
    }

    /// <summary>A message that knows the chunk at a position; null where that is no longer kept.</summary>
    private async ValueTask<StoredState?> LocateAsync(StoredState from, ulong position, CancellationToken cancellationToken)
    {
        var message = from;
        while (true)
        {
            var (top, sequences) = StreamChain.Known(message);
            if (top < position + (ulong)sequences.Count)
            {
                return message;
            }

            var next = StreamChain.Nearest(message, position) ?? (sequences.Count > 0 ? sequences[^1] : null as ulong?);
            if (next is not { } sequence || await store.AtAsync(message.Place, sequence, cancellationToken) is not { } earlier)
            {
                return null;
            }

            message = earlier;
        }
    }

    /// <summary>The chunks of (from, to], to be fetched forwards; null where one is no longer kept, or where the reader comes from an earlier stream of the name.</summary>
    private async ValueTask<ForwardFetch?> CollectAsync(PageBuilder page, StoredState anchor, ulong to, CancellationToken cancellationToken)
    {
        var ahead = new ForwardFetch(store.Events, page.Stream.Place, isInline: false);
        var (from, next) = (page.End, to);
        var message = anchor;
        while (true)
        {
            var (top, sequences) = StreamChain.Known(message);
            foreach (var sequence in sequences.Skip((int)(top - next)))
            {
                if (next == from.Position)
                {
                    return from.Sequence == 0 || from.Sequence == sequence ? ahead : null;
                }

                ahead.Push(sequence);
                next--;
            }

            if (next <= Math.Max(from.Position, page.Stream.State.Fork?.Position ?? 0))
            {
                return ahead;
            }

            if (sequences.Count == 0 || await store.AtAsync(message.Place, sequences[^1], cancellationToken) is not { } earlier)
            {
                return null;
            }

            message = earlier;
        }
    }

    private sealed class PageBuilder(StoredState stream, StreamOffset from)
    {
        private readonly List<StreamChunk> _chunks = [];

        public StoredState Stream => stream;

        public StreamOffset End { get; private set; } = from;

        public long Bytes { get; private set; }

        public void Add(StreamChunk chunk)
        {
            _chunks.Add(chunk);
            Bytes += chunk.Data.Length;
            End = chunk.End;
        }

        public StreamPage Build() => new(stream, _chunks, End, IsGone: false);

        public StreamPage Gone() => new(stream, [], End, IsGone: true);
    }
}
