namespace ToolRuntime.Sandbox.Agent.Channel;

/// <summary>What the host sends, for an operation that reads it on its own thread. Bounded by the stream's window: what is not read is not credited.</summary>
internal sealed class StreamInput : IStreamHandler
{
    private readonly object _gate = new();
    private byte[] _gathered = [];
    private byte[] _taken = [];
    private int _length;
    private bool _waits;
    private IStreamHandler? _next;
    private bool _finished;
    private bool _dead;

    public void OnData(AgentStream stream, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            if (_next is null)
            {
                if (_length + data.Length > _gathered.Length)
                {
                    Array.Resize(ref _gathered, Math.Max(_length + data.Length, _gathered.Length * 2));
                }

                data.CopyTo(_gathered.AsSpan(_length));
                _length += data.Length;
                Wake();
                return;
            }
        }

        _next.OnData(stream, data);
    }

    public void OnFinish(AgentStream stream)
    {
        Mark(ref _finished);
        _next?.OnFinish(stream);
    }

    public void OnDead(AgentStream stream)
    {
        Mark(ref _dead);
        _next?.OnDead(stream);
    }

    /// <summary>All that has come since the last time, at least a byte, credited; null at the end. It holds until the next read.</summary>
    /// <exception cref="InvalidDataException">The stream died before its end.</exception>
    internal ReadOnlyMemory<byte>? Read(AgentStream stream)
    {
        ReadOnlyMemory<byte> piece;
        lock (_gate)
        {
            while (_length == 0 && !_finished && !_dead)
            {
                _waits = true;
                Monitor.Wait(_gate);
            }

            // What came before an end counts, however soon that came.
            if (_length == 0)
            {
                return _finished ? null : throw new InvalidDataException("The stream ended before its data.");
            }

            piece = _gathered.AsMemory(0, _length);
            (_gathered, _taken, _length) = (_taken, _gathered, 0);
        }

        stream.Credit(piece.Length);
        return piece;
    }

    /// <summary>Gives what has come, and what comes, to <paramref name="handler"/>, which never blocks.</summary>
    internal void Forward(AgentStream stream, IStreamHandler handler)
    {
        lock (_gate)
        {
            if (_length > 0)
            {
                handler.OnData(stream, _gathered.AsSpan(0, _length));
            }

            _next = handler;
            if (_finished)
            {
                handler.OnFinish(stream);
            }

            if (_dead)
            {
                handler.OnDead(stream);
            }
        }
    }

    private void Mark(ref bool state)
    {
        lock (_gate)
        {
            state = true;
            Wake();
        }
    }

    /// <summary>A wake is a switch of threads in gVisor, which costs more than the copy of a piece.</summary>
    private void Wake()
    {
        if (_waits)
        {
            _waits = false;
            Monitor.Pulse(_gate);
        }
    }
}
