using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace ToolRuntime.Gateway.Federation.Upstream;

/// <summary>A server's stream of events, each bounded; remembers where it could be gone on from.</summary>
internal sealed class UpstreamEvents
{
    /// <summary>Name of the events that are messages; one without a name has it too.</summary>
    public const string Message = "message";

    /// <summary>Id of the last event that had one, or null.</summary>
    public string? LastId { get; private set; }

    /// <summary>How long the server wants its client to wait before it comes again, at most a minute.</summary>
    public TimeSpan Retry { get; private set; } = TimeSpan.FromSeconds(1);

    /// <summary>The events as they come: name and raw data. Ends with the stream.</summary>
    /// <exception cref="InvalidDataException">An event is longer than any message may be.</exception>
    public async IAsyncEnumerable<(string Name, byte[] Data)> ReadAsync(HttpContent content, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var bounded = new EventBound(await content.ReadAsStreamAsync(cancellationToken));
        var parser = SseParser.Create(bounded, static (_, data) => data.ToArray());
        await foreach (var item in parser.EnumerateAsync(cancellationToken))
        {
            bounded.NextEvent();
            Note(parser);
            if (item.Data.Length > 0)
            {
                yield return (item.EventType, item.Data);
            }
        }

        // An id or a time without data is no event, but counts.
        Note(parser);
    }

    private void Note(SseParser<byte[]> parser)
    {
        LastId = parser.LastEventId.Length > 0 ? parser.LastEventId : LastId;
        Retry = parser.ReconnectionInterval is { Ticks: >= 0 } said ? TimeSpan.FromTicks(Math.Min(said.Ticks, TimeSpan.TicksPerMinute)) : Retry;
    }

    private sealed class EventBound(Stream inner) : Stream
    {
        private long _since;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void NextEvent() => _since = 0;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            _since += read;
            return _since <= UpstreamTarget.MaximumMessage + buffer.Length ? read : throw new InvalidDataException($"an event of more than {UpstreamTarget.MaximumMessage} bytes");
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
