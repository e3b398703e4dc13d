using System.Security.Cryptography;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent;

/// <summary>
/// The host's end of the frames: one reading thread, the streams by number. Every byte is hostile: what breaks the protocol
/// ends the channel with a reason, nothing is allocated for a length that was only announced, and what is kept is bounded by
/// the windows that the host itself gave.
/// </summary>
internal sealed class AgentChannel : IYamuxSink
{
    private const int ReadSize = 128 * 1024;

    // Calls go on here once their worker has answered.
    private const int StackSize = 1024 * 1024;

    /// <summary>What may wait to be sent when the agent opens streams: it makes the host answer, and may not read that.</summary>
    private const int MostWaiting = 4 * 1024 * 1024;

    private readonly Stream _input;
    private readonly ulong _epoch;
    private readonly YamuxParser _parser;
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, AgentStream> _streams = [];
    private readonly Dictionary<uint, TaskCompletionSource> _pings = [];
    private readonly TaskCompletionSource<Welcome> _welcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _suspended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private AgentStream? _current;
    private uint _nextStream = 1;
    private uint _lastOpened;
    private uint _nextPing;
    private bool _suspending;
    private Exception? _failure;

    internal AgentChannel(Stream fromAgent, Stream toAgent, ulong epoch, TimeProvider time)
    {
        (_input, _epoch, Opened) = (fromAgent, epoch, new OpenedStreams(time));
        _parser = new YamuxParser(this);
        Writer = new ChannelWriter(toAgent, error => Fail(new IOException($"The channel to the agent broke: {error.Message}", error)));
    }

    internal ChannelWriter Writer { get; }

    /// <summary>The streams that the agent opens.</summary>
    internal OpenedStreams Opened { get; }

    /// <summary>Ends with the channel, never faults.</summary>
    internal Task<string> Closed => _closed.Task;

    /// <inheritdoc/>
    public void OnHeader(in YamuxHeader header)
    {
        _current = null;
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
            if ((header.Stream & 1) == 0 ? header.Stream > _lastOpened : header.Stream >= _nextStream)
            {
                throw new InvalidDataException($"The agent sent a frame for stream {header.Stream}, which was never opened.");
            }

            _current = _streams.GetValueOrDefault(header.Stream);
        }

        if (header.Type == YamuxType.WindowUpdate)
        {
            _current?.Grow(header.Length);
        }
        else
        {
            _current?.Expect(header.Length);
        }
    }

    /// <inheritdoc/>
    public void OnData(in YamuxHeader header, ReadOnlySpan<byte> piece) => _current?.Receive(piece);

    /// <inheritdoc/>
    public void OnEnd(in YamuxHeader header)
    {
        if (_current is not { } stream)
        {
            return;
        }

        if (header.Flags.HasFlag(YamuxFlags.Rst))
        {
            Forget(stream.Id);
            stream.Fail(new IOException("The agent ended the stream."));
        }
        else if (header.Flags.HasFlag(YamuxFlags.Fin))
        {
            stream.FinishReceived();
        }
    }

    /// <summary>Sends HELLO and waits for WELCOME.</summary>
    internal async ValueTask<Welcome> ConnectAsync(Hello hello, CancellationToken cancellationToken)
    {
        Span<byte> random = stackalloc byte[32];
        RandomNumberGenerator.Fill(random);
        Span<byte> bytes = stackalloc byte[Hello.Length];
        hello.Write(bytes, random);
        Writer.Start();
        Writer.Send(header: null, bytes);
        new Thread(Run, StackSize) { IsBackground = true, Name = "agent-reader" }.Start();
        return await _welcome.Task.WaitAsync(cancellationToken);
    }

    /// <summary>A fresh stream.</summary>
    /// <exception cref="IOException">The channel has ended.</exception>
    internal AgentStream NewStream(uint window)
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                throw new IOException(_failure.Message, _failure);
            }

            var stream = new AgentStream(_nextStream, window, this);
            _streams.Add(_nextStream, stream);
            _nextStream += 2;
            return stream;
        }
    }

    internal void Forget(uint id)
    {
        lock (_gate)
        {
            _streams.Remove(id);
        }
    }

    /// <summary>Completes when the agent has answered; it answers behind everything that it had to send before.</summary>
    internal Task PingAsync(CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        uint value;
        lock (_gate)
        {
            if (_failure is not null)
            {
                throw new IOException(_failure.Message, _failure);
            }

            value = ++_nextPing;
            _pings.Add(value, answered);
        }

        Writer.Send(new YamuxHeader(YamuxType.Ping, YamuxFlags.Syn, 0, value), default);
        return answered.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Sends the suspend request as the last frame, and waits until the agent has sent all that it had.</summary>
    internal async Task SuspendAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var stream = NewStream(Yamux.InitialWindow);
        lock (_gate)
        {
            _suspending = true;
        }

        Writer.Send(new YamuxHeader(YamuxType.Data, YamuxFlags.Syn | YamuxFlags.Fin, stream.Id, (uint)request.Length), request.Span, last: true);
        await _suspended.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the channel; whoever reads or waits gets <paramref name="reason"/>. The first reason stays.</summary>
    internal void Fail(Exception reason)
    {
        List<AgentStream> streams;
        List<TaskCompletionSource> pings;
        lock (_gate)
        {
            if (_failure is not null)
            {
                return;
            }

            _failure = reason;
            (streams, pings) = ([.. _streams.Values], [.. _pings.Values]);
            _streams.Clear();
            _pings.Clear();
        }

        Opened.Dispose();
        streams.ForEach(stream => stream.Fail(reason));
        pings.ForEach(ping => ping.TrySetException(reason));
        _welcome.TrySetException(reason);
        _suspended.TrySetException(reason);
        _ = (_welcome.Task.Exception, _suspended.Task.Exception);
        if (!_suspended.Task.IsCompletedSuccessfully)
        {
            Writer.Close();
        }

        _closed.TrySetResult(reason.Message);
    }

    /// <summary>Ends the channel and closes its streams, which a suspended one has left open: their end would end the agent before its checkpoint.</summary>
    internal void Close()
    {
        Fail(new IOException("The channel was closed by the host."));
        if (_suspended.Task.IsCompletedSuccessfully)
        {
            Writer.Close();
            _input.Dispose();
        }
    }

    /// <summary>Takes a stream that the agent opens, or resets it; what else comes on it then is dropped.</summary>
    /// <exception cref="InvalidDataException">It may open no such stream, or does not read the answers.</exception>
    private void Accept(uint id)
    {
        AgentStream stream;
        lock (_gate)
        {
            if ((id & 1) == 1 || id <= _lastOpened)
            {
                throw new InvalidDataException($"The agent opened stream {id}; it may open even ones, each once and in their order.");
            }

            if (_failure is not null)
            {
                throw new IOException(_failure.Message, _failure);
            }

            (_lastOpened, stream) = (id, new AgentStream(id, Yamux.OpenedWindow, this));
            _streams.Add(id, stream);
        }

        if (Writer.Waiting > MostWaiting)
        {
            throw new InvalidDataException("The agent opens streams and reads no answers.");
        }

        if (Opened.TryTake(stream))
        {
            Writer.Send(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Ack, id, 0), default);
        }
        else
        {
            stream.Dispose();
        }
    }

    private void OnSession(in YamuxHeader header)
    {
        if (header.Type == YamuxType.GoAway)
        {
            return;
        }

        TaskCompletionSource? ping;
        lock (_gate)
        {
            if (header.Flags != YamuxFlags.Ack || !_pings.Remove(header.Length, out ping))
            {
                throw new InvalidDataException("The agent sent a ping, or an answer to none; keep-alives come from the host only.");
            }
        }

        ping.TrySetResult();
    }

    /// <summary>The reading thread; it closes its input, except when suspended.</summary>
    private void Run()
    {
        try
        {
            ReadAll();
        }
        catch (Exception error)
        {
            // The rim of the thread: whatever a hostile byte brought about ends this channel and nothing else.
            _input.Dispose();
            Fail(error is InvalidDataException or IOException ? error : new IOException($"The channel to the agent broke: {error.Message}", error));
        }
    }

    private void ReadAll()
    {
        var buffer = new byte[ReadSize];
        var filled = 0;
        while (filled < Welcome.Length)
        {
            filled += ReadSome(buffer.AsSpan(filled));
        }

        var welcome = Welcome.Read(buffer);
        if (welcome.Epoch != _epoch)
        {
            throw new InvalidDataException($"The agent answered epoch {welcome.Epoch}, not {_epoch}.");
        }

        _welcome.TrySetResult(welcome);
        var start = Welcome.Length;
        while (true)
        {
            start += _parser.Feed(buffer.AsSpan(start..filled));
            if (_parser.Stopped)
            {
                ReadSuspended(buffer, start, filled);
                return;
            }

            (start, filled) = (0, ReadSome(buffer));
        }
    }

    private void ReadSuspended(byte[] buffer, int start, int filled)
    {
        lock (_gate)
        {
            if (!_suspending)
            {
                throw new InvalidDataException("The agent went away unasked.");
            }
        }

        var mark = buffer.AsSpan(start..filled).ToArray();
        while (mark.Length < ChannelHandshake.Suspended.Length)
        {
            var read = ReadSome(buffer.AsSpan(0, ChannelHandshake.Suspended.Length - mark.Length));
            mark = [.. mark, .. buffer.AsSpan(0, read)];
        }

        if (!ChannelHandshake.Suspended.SequenceEqual(mark))
        {
            throw new InvalidDataException("The agent did not say that it is suspended.");
        }

        _suspended.TrySetResult();
        Fail(new IOException("The sandbox is suspended."));
    }

    private int ReadSome(Span<byte> buffer)
    {
        var read = _input.Read(buffer);
        return read > 0 ? read : throw new EndOfStreamException("The agent ended.");
    }
}
