using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Channel;

/// <summary>The streams of one epoch. Its parser runs on the channel's thread; any thread may open one.</summary>
internal sealed class Connection : IYamuxSink
{
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, AgentStream> _streams = [];
    private readonly ChannelOutput _output;
    private readonly Hello _hello;
    private readonly Func<IStreamHandler> _handlers;
    private AgentStream? _current;
    private uint _nextOpened = 2;
    private bool _suspended;

    internal Connection(Hello hello, ChannelOutput output, Func<IStreamHandler> handlers)
    {
        (_hello, _output, _handlers) = (hello, output, handlers);
        Parser = new YamuxParser(this);
    }

    internal YamuxParser Parser { get; }

    /// <inheritdoc/>
    public void OnHeader(in YamuxHeader header)
    {
        if (header.Stream == 0)
        {
            OnSession(in header);
            return;
        }

        if (header.Flags.HasFlag(YamuxFlags.Syn))
        {
            Accept(header.Stream);
        }

        lock (_gate)
        {
            _current = _streams.GetValueOrDefault(header.Stream);
        }

        if (header.Type == YamuxType.WindowUpdate)
        {
            _current?.Grow(header.Length);
        }
    }

    /// <inheritdoc/>
    public void OnData(in YamuxHeader header, ReadOnlySpan<byte> piece)
    {
        if (_current is { } stream)
        {
            stream.Handler.OnData(stream, piece);
        }
    }

    /// <inheritdoc/>
    public void OnEnd(in YamuxHeader header)
    {
        if (_current is not { } stream)
        {
            return;
        }

        if (header.Flags.HasFlag(YamuxFlags.Rst))
        {
            lock (_gate)
            {
                _streams.Remove(stream.Id);
            }

            stream.Kill();
        }
        else if (header.Flags.HasFlag(YamuxFlags.Fin))
        {
            stream.FinishReceived();
        }
    }

    /// <summary>Makes every stream dead, without a word to the host.</summary>
    internal void KillStreams()
    {
        List<AgentStream> streams;
        lock (_gate)
        {
            _suspended = true;
            streams = [.. _streams.Values];
            _streams.Clear();
        }

        streams.ForEach(stream => stream.Kill());
    }

    /// <summary>Opens a stream to the host, or gives null when the channel is suspended or has as many as it may.</summary>
    internal AgentStream? Open(IStreamHandler handler)
    {
        lock (_gate)
        {
            Sweep();
            if (_suspended || _streams.Count >= _hello.MaximumStreams)
            {
                return null;
            }

            var stream = new AgentStream(_nextOpened, _hello.StreamWindow, _output, handler);
            _nextOpened += 2;
            _streams.Add(stream.Id, stream);

            // Under the lock, because the host wants them in their order.
            _output.Send(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Syn, stream.Id, _hello.StreamWindow - Yamux.InitialWindow));
            return stream;
        }
    }

    private void OnSession(in YamuxHeader header)
    {
        _current = null;
        if (header.Type == YamuxType.Ping && header.Flags.HasFlag(YamuxFlags.Syn))
        {
            _output.Send(header with { Flags = YamuxFlags.Ack });
        }
    }

    private void Accept(uint id)
    {
        lock (_gate)
        {
            Sweep();
            if (_streams.Count < _hello.MaximumStreams && (id & 1) == 1 && _streams.TryAdd(id, new AgentStream(id, _hello.StreamWindow, _output, _handlers())))
            {
                return;
            }
        }

        _output.Send(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Rst, id, 0));
    }

    /// <summary>Streams end on any thread, and are taken off the list when the next one comes.</summary>
    private void Sweep()
    {
        if (_streams.Count < 16)
        {
            return;
        }

        foreach (var stream in _streams.Values.Where(stream => stream.Ended).ToList())
        {
            _streams.Remove(stream.Id);
        }
    }
}
