using System.Threading.Channels;

using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Legacy;

/// <summary>What waits for one GET stream: at most <see cref="Capacity"/> messages; what comes while it is full is dropped, for each says only that something changed.</summary>
public sealed class LegacyListener
{
    private const int Capacity = 64;

    private readonly Channel<byte[]> _messages = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    /// <summary>A note as a message.</summary>
    public static byte[] Write(ServerNote note)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"jsonrpc\":\"2.0\",\"method\":"u8).Text(note.Method);
        buffer.Raw(note.Parameters.IsEmpty ? ""u8 : ",\"params\":"u8).Raw(note.Parameters.Span);
        return buffer.Raw("}"u8).Written.ToArray();
    }

    /// <summary>Hands over a message; false when it was dropped.</summary>
    public bool TrySend(byte[] message) => _messages.Writer.TryWrite(message);

    /// <summary>The messages in order.</summary>
    public IAsyncEnumerable<byte[]> ReadAsync(CancellationToken cancellationToken) => _messages.Reader.ReadAllAsync(cancellationToken);
}
