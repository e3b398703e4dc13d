namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Cuts a byte stream into yamux frames, however it arrives; holds no data, so that a hostile length costs nothing.</summary>
public sealed class YamuxParser(IYamuxSink sink)
{
    private readonly byte[] _partial = new byte[YamuxHeader.Size];
    private int _filled;
    private YamuxHeader _header;
    private uint _remaining;

    /// <summary>Whether <see cref="Feed"/> has stopped taking bytes: after GO AWAY, or by <see cref="Stop"/>.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Called by the sink: nothing behind the present frame is yamux.</summary>
    public void Stop() => Stopped = true;

    /// <summary>Takes bytes; returns how many, which is all of them unless <see cref="Stopped"/>.</summary>
    /// <exception cref="InvalidDataException">They are not yamux.</exception>
    public int Feed(ReadOnlySpan<byte> input)
    {
        var taken = 0;
        while (taken < input.Length && !Stopped)
        {
            taken += _remaining > 0 ? FeedData(input[taken..]) : FeedHeader(input[taken..]);
        }

        return taken;
    }

    private int FeedData(ReadOnlySpan<byte> input)
    {
        var piece = input[..(int)Math.Min((uint)input.Length, _remaining)];
        _remaining -= (uint)piece.Length;
        sink.OnData(in _header, piece);
        if (_remaining == 0)
        {
            sink.OnEnd(in _header);
        }

        return piece.Length;
    }

    private int FeedHeader(ReadOnlySpan<byte> input)
    {
        int taken;
        if (_filled == 0 && input.Length >= YamuxHeader.Size)
        {
            _header = YamuxHeader.Read(input);
            taken = YamuxHeader.Size;
        }
        else
        {
            taken = Math.Min(input.Length, YamuxHeader.Size - _filled);
            input[..taken].CopyTo(_partial.AsSpan(_filled));
            _filled += taken;
            if (_filled < YamuxHeader.Size)
            {
                return taken;
            }

            _filled = 0;
            _header = YamuxHeader.Read(_partial);
        }

        Begin();
        return taken;
    }

    private void Begin()
    {
        sink.OnHeader(in _header);
        if (_header.Type == YamuxType.Data && _header.Length > 0)
        {
            _remaining = _header.Length;
            return;
        }

        Stopped |= _header.Type == YamuxType.GoAway;
        sink.OnEnd(in _header);
    }
}
