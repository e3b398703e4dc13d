using System.Threading.Channels;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Bus.Sessions;

/// <summary>
/// What came live and was not read yet. Bounded by messages and by bytes, whatever the size of events: what finds no room is dropped, and its reader gets it
/// from the store.
/// </summary>
/// <param name="messages">Most messages.</param>
/// <param name="isInline">Whether the reader goes on on the thread that adds.</param>
internal sealed class LiveTail(int messages, bool isInline)
{
    /// <summary>Bytes from which on nothing more is taken.</summary>
    public const long MostBytes = 4L << 20;

    private readonly Channel<NatsMsg> _channel = Channel.CreateBounded<NatsMsg>(new BoundedChannelOptions(messages) { SingleReader = true, AllowSynchronousContinuations = isInline });
    private long _bytes;

    /// <summary>Adds a message; false where there is no room.</summary>
    public bool TryAdd(NatsMsg message)
    {
        if (Volatile.Read(ref _bytes) >= MostBytes)
        {
            return false;
        }

        // Counted before: the reader may go on within the write.
        var size = SizeOf(message);
        Interlocked.Add(ref _bytes, size);
        if (_channel.Writer.TryWrite(message))
        {
            return true;
        }

        Interlocked.Add(ref _bytes, -size);
        return false;
    }

    /// <summary>Wakes the reader with a message that says nothing.</summary>
    public void Wake() => _channel.Writer.TryWrite(default);

    /// <summary>Takes the next message, where there is one.</summary>
    public bool TryRead(out NatsMsg message)
    {
        var isThere = _channel.Reader.TryRead(out message);
        Interlocked.Add(ref _bytes, isThere ? -SizeOf(message) : 0);
        return isThere;
    }

    /// <summary>Waits until there is one.</summary>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) => _channel.Reader.WaitToReadAsync(cancellationToken);

    private static long SizeOf(NatsMsg message) => message.Headers.Block.Length + message.Data.Length;
}
