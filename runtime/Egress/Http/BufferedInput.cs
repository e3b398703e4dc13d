namespace ToolRuntime.Runtime.Egress.Http;

/// <summary>Reads heads and lines of a bounded size off a stream, and then what is behind them. Grows only by what has come.</summary>
internal sealed class BufferedInput(Stream stream)
{
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    /// <summary>What has been read ahead.</summary>
    public ReadOnlyMemory<byte> Ahead => _buffer.AsMemory(_start.._end);

    /// <summary>Reads up to and with the empty line, at most <paramref name="most"/> bytes; null where the stream ends before its first byte.</summary>
    /// <exception cref="EgressFailedException">It is longer, or the stream ends inside of it.</exception>
    public ValueTask<byte[]?> ReadHeadAsync(int most, CancellationToken cancellationToken) => ReadUntilAsync("\r\n\r\n"u8.ToArray(), most, cancellationToken);

    /// <summary>Reads a line with its end, at most <paramref name="most"/> bytes.</summary>
    /// <exception cref="EgressFailedException">It is longer, or the stream ends inside of it.</exception>
    public async ValueTask<byte[]> ReadLineAsync(int most, CancellationToken cancellationToken) =>
        await ReadUntilAsync("\r\n"u8.ToArray(), most, cancellationToken) ?? throw Ended();

    /// <summary>Reads what is there, or what comes; 0 at the end.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            return stream.ReadAsync(buffer, cancellationToken);
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(buffer.Span);
        _start += count;
        return new ValueTask<int>(count);
    }

    /// <summary>Reads more behind what was read ahead; false at the end, or when <paramref name="most"/> bytes are ahead.</summary>
    public async ValueTask<bool> FillAsync(int most, CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            Ahead.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end >= most)
        {
            return false;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, Math.Max(most, _buffer.Length + 1)));
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        return read > 0;
    }

    private async ValueTask<byte[]?> ReadUntilAsync(byte[] mark, int most, CancellationToken cancellationToken)
    {
        var searched = 0;
        while (true)
        {
            var ahead = Ahead;
            var from = Math.Max(0, searched - mark.Length + 1);
            var at = ahead.Span[from..].IndexOf(mark);
            if (at >= 0 && from + at + mark.Length <= most)
            {
                var found = ahead[..(from + at + mark.Length)].ToArray();
                _start += found.Length;
                return found;
            }

            searched = ahead.Length;
            if (at >= 0 || searched >= most)
            {
                throw new EgressFailedException($"a head or line of more than {most} bytes") { Status = 431 };
            }

            if (!await FillAsync(most, cancellationToken))
            {
                return searched == 0 ? null : throw Ended();
            }
        }
    }

    private static EgressFailedException Ended() => new("the request ended inside of its head or body") { Status = 400 };
}
