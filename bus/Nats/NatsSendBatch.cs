using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace ToolRuntime.Bus.Nats;

/// <summary>Whole frames that go out together: small ones copied, large payloads referred to, so that they are sent by gathering.</summary>
internal sealed class NatsSendBatch
{
    private const int SmallBuffer = 64 * 1024;
    private readonly List<(int At, ReadOnlyMemory<byte> Payload)> _large = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    private int _length;
    private TaskCompletionSource? _sent;

    /// <summary>Bytes in all.</summary>
    public long Length { get; private set; }

    /// <summary>Completes once the batch is with the kernel; fails when the connection is lost before.</summary>
    public Task Sent => (_sent ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Appends a PUB or HPUB; <paramref name="large"/> is referred to and must stay until <see cref="Sent"/>.</summary>
    public void AppendPublish(string subject, string? replyTo, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload, ReadOnlyMemory<byte> large)
    {
        Append(headers.IsEmpty ? "PUB "u8 : "HPUB "u8);
        Append(subject);
        if (replyTo is not null)
        {
            Append(" "u8);
            Append(replyTo);
        }

        if (!headers.IsEmpty)
        {
            Append(" "u8);
            Append(headers.Length);
        }

        Append(" "u8);
        Append(headers.Length + payload.Length + large.Length);
        Append("\r\n"u8);
        Append(headers);
        Append(payload);
        if (!large.IsEmpty)
        {
            _large.Add((_length, large));
            Length += large.Length;
        }

        Append("\r\n"u8);
    }

    /// <summary>Appends a SUB.</summary>
    public void AppendSubscribe(string subject, string? queueGroup, long sid)
    {
        Append("SUB "u8);
        Append(subject);
        if (queueGroup is not null)
        {
            Append(" "u8);
            Append(queueGroup);
        }

        Append(" "u8);
        Append(sid);
        Append("\r\n"u8);
    }

    /// <summary>Appends an UNSUB.</summary>
    public void AppendUnsubscribe(long sid)
    {
        Append("UNSUB "u8);
        Append(sid);
        Append("\r\n"u8);
    }

    /// <summary>Appends bytes as they are.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Advance(bytes.Length);
    }

    /// <summary>The small bytes, when there is nothing large.</summary>
    public bool TryGetSingle(out ReadOnlyMemory<byte> bytes)
    {
        bytes = _buffer.AsMemory(0, _length);
        return _large.Count == 0;
    }

    /// <summary>The pieces in order, for a gathering send.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Pieces()
    {
        var pieces = new List<ReadOnlyMemory<byte>>((_large.Count * 2) + 1);
        var from = 0;
        foreach (var (at, payload) in _large)
        {
            pieces.Add(_buffer.AsMemory(from, at - from));
            pieces.Add(payload);
            from = at;
        }

        pieces.Add(_buffer.AsMemory(from, _length - from));
        return pieces;
    }

    /// <summary>Ends the wait of those who lent their payloads.</summary>
    public void Finish(Exception? error)
    {
        if (error is null)
        {
            _sent?.TrySetResult();
        }
        else
        {
            _sent?.TrySetException(error);
        }
    }

    /// <summary>Empties the batch for the next round; a buffer that grew goes back to the pool once a round does not need it.</summary>
    public void Reset()
    {
        if (_buffer.Length > SmallBuffer * 4 && _length < _buffer.Length / 4)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
        }

        _large.Clear();
        _length = 0;
        Length = 0;
        _sent = null;
    }

    private void Append(string text) => Advance(Encoding.UTF8.GetBytes(text, Reserve(Encoding.UTF8.GetMaxByteCount(text.Length))));

    private void Append(long number)
    {
        Utf8Formatter.TryFormat(number, Reserve(20), out var written);
        Advance(written);
    }

    private void Advance(int count)
    {
        _length += count;
        Length += count;
    }

    private Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + count));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsSpan(_length, count);
    }
}
