using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Channel;

/// <summary>The streams of one epoch. Its parser runs on the channel's thread.</summary>
internal sealed class Connection : IYamuxSink
{
    private readonly Dictionary<uint, AgentStream> _streams = [];
    private readonly ChannelOutput _output;
    private readonly Hello _hello;
    private readonly Func<IStreamHandler> _handlers;
    private AgentStream? _current;

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

        _current = _streams.GetValueOrDefault(header.Stream);
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
            _streams.Remove(stream.Id);
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
        foreach (var stream in _streams.Values)
        {
            stream.Kill();
        }

        _streams.Clear();
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
        Sweep();
        if (_streams.Count >= _hello.MaximumStreams || _streams.ContainsKey(id))
        {
            _output.Send(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Rst, id, 0));
            return;
        }

        var stream = new AgentStream(id, _hello.StreamWindow, _output, _handlers());
        _streams.Add(id, stream);
        if (_hello.StreamWindow > Yamux.InitialWindow)
        {
            _output.Send(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.None, id, _hello.StreamWindow - Yamux.InitialWindow));
        }
    }

    /// <summary>Streams end on any thread, but only the channel's thread takes them off the list: when the next one comes.</summary>
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
