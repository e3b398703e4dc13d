using System.Text;

namespace ToolRuntime.Bus.Nats;

/// <summary>
/// The server's side of the protocol as a machine that is fed bytes in pieces of any size. Memory is bounded by the longest control line
/// and the largest message.
/// </summary>
internal sealed class NatsParser(INatsFrames frames, int maximumPayload)
{
    /// <summary>Longest control line; INFO with many servers is the longest that is seen.</summary>
    public const int MaximumLine = 64 * 1024;

    private const int DirectFrom = 16 * 1024;

    private byte[] _line = new byte[512];
    private int _lineLength;
    private byte[]? _payload;
    private int _filled;
    private int _headerLength;
    private long _sid;
    private Range _subject;
    private Range _replyTo;

    /// <summary>Where the next bytes may be received without a copy; empty unless a large payload is half read.</summary>
    public Memory<byte> DirectTarget =>
        _payload is { } payload && payload.Length - _filled >= DirectFrom ? payload.AsMemory(_filled) : default;

    /// <summary>Says that <paramref name="count"/> bytes were received into <see cref="DirectTarget"/>.</summary>
    public void Received(int count) => _filled += count;

    /// <summary>Reads the next bytes.</summary>
    /// <exception cref="NatsProtocolViolationException">They are not the protocol; the connection must be dropped.</exception>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = _payload is null ? FeedLine(bytes) : FeedPayload(bytes);
        }
    }

    private ReadOnlySpan<byte> FeedLine(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        KeepLine(end < 0 ? bytes : bytes[..end]);
        if (end < 0)
        {
            return default;
        }

        if (_lineLength == 0 || _line[_lineLength - 1] != '\r')
        {
            throw new NatsProtocolViolationException("a control line does not end with CR LF");
        }

        var length = _lineLength - 1;
        _lineLength = 0;
        OnLine(_line.AsSpan(0, length));
        return bytes[(end + 1)..];
    }

    private void KeepLine(ReadOnlySpan<byte> bytes)
    {
        var length = _lineLength + bytes.Length;
        if (length > MaximumLine)
        {
            throw new NatsProtocolViolationException($"a control line is longer than {MaximumLine} bytes");
        }

        if (length > _line.Length)
        {
            Array.Resize(ref _line, Math.Max(length, _line.Length * 2));
        }

        bytes.CopyTo(_line.AsSpan(_lineLength));
        _lineLength = length;
    }

    private void OnLine(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("MSG "u8))
        {
            OnMessageLine(line, 4, hasHeaders: false);
        }
        else if (line.StartsWith("HMSG "u8))
        {
            OnMessageLine(line, 5, hasHeaders: true);
        }
        else if (line.SequenceEqual("PING"u8))
        {
            frames.OnPing();
        }
        else if (line.SequenceEqual("PONG"u8))
        {
            frames.OnPong();
        }
        else if (line.StartsWith("INFO "u8))
        {
            frames.OnInfo(line[5..]);
        }
        else if (line.StartsWith("-ERR"u8))
        {
            frames.OnError(line[4..].Trim(" '"u8));
        }
        else if (!line.SequenceEqual("+OK"u8))
        {
            throw new NatsProtocolViolationException($"unknown operation '{Encoding.UTF8.GetString(line[..Math.Min(line.Length, 16)])}'");
        }
    }

    /// <summary><c>subject sid [reply] [header length] length</c>.</summary>
    private void OnMessageLine(ReadOnlySpan<byte> line, int from, bool hasHeaders)
    {
        Span<Range> parts = stackalloc Range[7];
        var count = Split(line, from, parts);
        var numbers = hasHeaders ? 2 : 1;
        if (count != 2 + numbers && count != 3 + numbers)
        {
            throw new NatsProtocolViolationException($"a message line has {count} parts");
        }

        _subject = parts[0];
        _sid = Number(line[parts[1]], long.MaxValue);
        _replyTo = count == 3 + numbers ? parts[2] : default;
        var total = (int)Number(line[parts[count - 1]], maximumPayload);
        _headerLength = hasHeaders ? (int)Number(line[parts[count - 2]], total) : 0;
        _payload = total == 0 ? [] : GC.AllocateUninitializedArray<byte>(total);
        _filled = 0;
    }

    private static int Split(ReadOnlySpan<byte> line, int from, Span<Range> parts)
    {
        var count = 0;
        var at = from;
        while (at < line.Length && count < parts.Length)
        {
            var length = line[at..].IndexOf((byte)' ');
            var end = length < 0 ? line.Length : at + length;
            if (end > at)
            {
                parts[count++] = at..end;
            }

            at = end + 1;
        }

        return count;
    }

    private static long Number(ReadOnlySpan<byte> digits, long maximum)
    {
        long value = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9' || digits.Length > 18)
            {
                throw new NatsProtocolViolationException("a message line has a bad number");
            }

            value = (value * 10) + digit - '0';
        }

        return value <= maximum ? value : throw new NatsProtocolViolationException($"a message line says {value}, above {maximum}");
    }

    private ReadOnlySpan<byte> FeedPayload(ReadOnlySpan<byte> bytes)
    {
        var payload = _payload!;
        var part = Math.Min(bytes.Length, Math.Max(0, payload.Length - _filled));
        bytes[..part].CopyTo(payload.AsSpan(Math.Min(_filled, payload.Length)));
        _filled += part;
        bytes = bytes[part..];
        while (!bytes.IsEmpty && _filled >= payload.Length)
        {
            if (bytes[0] != (_filled == payload.Length ? (byte)'\r' : (byte)'\n'))
            {
                throw new NatsProtocolViolationException("a message does not end with CR LF");
            }

            bytes = bytes[1..];
            if (_filled++ > payload.Length)
            {
                _payload = null;
                frames.OnMessage(new NatsFrame
                {
                    Sid = _sid,
                    Subject = _line.AsSpan()[_subject],
                    ReplyTo = _line.AsSpan()[_replyTo],
                    Buffer = payload,
                    HeaderLength = _headerLength,
                });
                break;
            }
        }

        return bytes;
    }
}
