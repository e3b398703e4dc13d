namespace ToolRuntime.Sandbox.Agent.Channel;

/// <summary>What the host sends, for an operation that reads it on its own thread. Bounded by the stream's window: what is not read is not credited.</summary>
internal sealed class StreamInput : IStreamHandler
{
    private readonly object _gate = new();
    private readonly Queue<byte[]> _pieces = new();
    private IStreamHandler? _next;
    private bool _finished;
    private bool _dead;

    public void OnData(AgentStream stream, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            if (_next is null)
            {
                _pieces.Enqueue(data.ToArray());
                Monitor.PulseAll(_gate);
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

    /// <summary>The next piece, credited; null at the end.</summary>
    /// <exception cref="InvalidDataException">The stream died before its end.</exception>
    internal byte[]? Read(AgentStream stream)
    {
        byte[] piece;
        lock (_gate)
        {
            while (_pieces.Count == 0 && !_finished && !_dead)
            {
                Monitor.Wait(_gate);
            }

            // What came before an end counts, however soon that came.
            if (!_pieces.TryDequeue(out piece!))
            {
                return _finished ? null : throw new InvalidDataException("The stream ended before its data.");
            }
        }

        stream.Credit(piece.Length);
        return piece;
    }

    /// <summary>Gives what has come, and what comes, to <paramref name="handler"/>, which never blocks.</summary>
    internal void Forward(AgentStream stream, IStreamHandler handler)
    {
        lock (_gate)
        {
            while (_pieces.TryDequeue(out var piece))
            {
                handler.OnData(stream, piece);
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
            Monitor.PulseAll(_gate);
        }
    }
}
