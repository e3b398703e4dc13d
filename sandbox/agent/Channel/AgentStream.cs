using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Channel;

/// <summary>One stream of the channel. Any thread may send; the window holds it back.</summary>
internal sealed unsafe class AgentStream(uint id, uint window, ChannelOutput output, IStreamHandler handler)
{
    private readonly object _gate = new();
    private long _sendWindow = (id & 1) == 0 ? Yamux.OpenedWindow : Yamux.InitialWindow;
    private uint _window = window;
    private uint _consumed;

    /// <summary>The host's streams are accepted with the first frame; those of the agent have been opened with a frame of their own.</summary>
    private YamuxFlags _first = (id & 1) == 0 ? YamuxFlags.None : YamuxFlags.Ack;

    private bool _finishSent;
    private bool _finishReceived;
    private bool _dead;

    internal uint Id => id;

    /// <summary>Who takes what comes; changes once, when the request is understood.</summary>
    internal IStreamHandler Handler { get; set; } = handler;

    /// <summary>Whether nothing more can happen on it.</summary>
    internal bool Ended
    {
        get
        {
            lock (_gate)
            {
                return _dead || (_finishSent && _finishReceived);
            }
        }
    }

    /// <summary>Waits until the host takes at least <paramref name="minimum"/> bytes.</summary>
    /// <returns>How many it takes, or 0 when the stream is dead.</returns>
    internal int WaitWindow(int minimum)
    {
        lock (_gate)
        {
            while (!_dead && _sendWindow < minimum)
            {
                Monitor.Wait(_gate);
            }

            return _dead ? 0 : (int)Math.Min(_sendWindow, Yamux.MaximumData);
        }
    }

    /// <summary>Sends <paramref name="length"/> bytes that stand behind room for the header, within the window.</summary>
    /// <returns>Whether they went out; false when the stream is dead.</returns>
    internal bool Send(byte* frame, int length)
    {
        YamuxFlags flags;
        lock (_gate)
        {
            if (_dead)
            {
                return false;
            }

            _sendWindow -= length;
            (flags, _first) = (_first, YamuxFlags.None);
        }

        new YamuxHeader(YamuxType.Data, flags, id, (uint)length).Write(new Span<byte>(frame, YamuxHeader.Size));
        return output.Send(frame, YamuxHeader.Size + length);
    }

    /// <summary>Sends a reply, as the window takes it.</summary>
    internal void Reply(AgentReply reply) => Send(MessageFraming.Encode(reply, AgentJson.Default.AgentReply));

    /// <summary>Sends bytes, as the window takes them; false when the stream is dead.</summary>
    internal bool Send(ReadOnlySpan<byte> message)
    {
        var frame = new byte[YamuxHeader.Size + Math.Min(message.Length, Yamux.MaximumData)];
        fixed (byte* start = frame)
        {
            for (var sent = 0; sent < message.Length;)
            {
                var length = Math.Min(WaitWindow(1), message.Length - sent);
                message.Slice(sent, length).CopyTo(frame.AsSpan(YamuxHeader.Size));
                if (length == 0 || !Send(start, length))
                {
                    return false;
                }

                sent += length;
            }
        }

        return true;
    }

    /// <summary>Says that nothing more will be sent.</summary>
    internal void Finish()
    {
        YamuxFlags flags;
        lock (_gate)
        {
            if (_dead || _finishSent)
            {
                return;
            }

            _finishSent = true;
            (flags, _first) = (_first | YamuxFlags.Fin, YamuxFlags.None);
        }

        output.Send(new YamuxHeader(YamuxType.Data, flags, id, 0));
    }

    /// <summary>Ends it in both directions and tells the host.</summary>
    internal void Reset()
    {
        if (Kill())
        {
            output.Send(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Rst, id, 0));
        }
    }

    /// <summary>Says that bytes were used up; the host may send as many again.</summary>
    internal void Credit(int bytes)
    {
        uint growth;
        lock (_gate)
        {
            _consumed += (uint)bytes;
            if (_dead || _finishReceived || _consumed < _window / 2)
            {
                return;
            }

            (growth, _consumed) = (_consumed, 0);
        }

        output.Send(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.None, id, growth));
    }

    /// <summary>Lets the host send more before it must wait: what is large takes fewer turns.</summary>
    internal void Widen(uint to)
    {
        var growth = to - _window;
        _window = to;
        output.Send(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.None, id, growth));
    }

    /// <summary>The host takes more.</summary>
    internal void Grow(uint bytes)
    {
        lock (_gate)
        {
            _sendWindow += bytes;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>The host has finished.</summary>
    internal void FinishReceived()
    {
        lock (_gate)
        {
            _finishReceived = true;
        }

        Handler.OnFinish(this);
    }

    /// <summary>Makes it dead, without a word to the host; false when it was.</summary>
    internal bool Kill()
    {
        lock (_gate)
        {
            if (_dead)
            {
                return false;
            }

            _dead = true;
            Monitor.PulseAll(_gate);
        }

        Handler.OnDead(this);
        return true;
    }
}
