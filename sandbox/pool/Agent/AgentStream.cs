using System.Threading.Tasks.Sources;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent;

/// <summary>
/// One stream of a channel: at most one reader and one writer at a time, beside each other. What the reader has not
/// taken is bounded by the window; an agent that sends more ends its channel.
/// </summary>
internal sealed class AgentStream(uint id, uint window, AgentChannel channel) : HalfClosableStream, IValueTaskSource<int>
{
    private readonly Lock _gate = new();
    private readonly ReceiveBuffer _received = new();
    private ManualResetValueTaskSourceCore<int> _read = new() { RunContinuationsAsynchronously = true };
    private Memory<byte> _readInto;
    private CancellationTokenRegistration _readCancellation;
    private bool _reading;
    private readonly uint _window = window;
    private uint _allowance = window;
    private uint _consumed;
    private long _sendWindow = Yamux.InitialWindow;
    private TaskCompletionSource? _writer;
    private bool _remoteFinished;
    private bool _localFinished;
    private YamuxFlags _first = (id & 1) == 0 ? YamuxFlags.None : YamuxFlags.Syn;
    private bool _disposed;
    private Exception? _fault;

    internal uint Id => id;

    /// <summary>Who reads goes on on the channel's reading thread, without a hop. Only for a reader that never blocks: all streams of the sandbox wait for it.</summary>
    internal void ReadInline() => _read.RunContinuationsAsynchronously = false;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_reading)
            {
                throw new InvalidOperationException("Another read of this stream is pending.");
            }

            if (_received.Count == 0 && !_remoteFinished && _fault is null && !buffer.IsEmpty)
            {
                return PendRead(buffer, cancellationToken);
            }

            if (_received.Count == 0 && _fault is not null && !buffer.IsEmpty)
            {
                return ValueTask.FromException<int>(new IOException(_fault.Message, _fault));
            }

            count = _received.Read(buffer.Span);
        }

        Credit(count);
        return ValueTask.FromResult(count);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        SendAsync(buffer, finish: false, cancellationToken);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public int GetResult(short token)
    {
        int count;
        try
        {
            count = _read.GetResult(token);
        }
        finally
        {
            _readCancellation.Dispose();
            lock (_gate)
            {
                _readInto = default;
                _read.Reset();
                _reading = false;
            }
        }

        Credit(count);
        return count;
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _read.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    /// <summary>Writes; with <paramref name="finish"/> the last frame says that the host will send nothing more.</summary>
    internal async ValueTask SendAsync(ReadOnlyMemory<byte> buffer, bool finish, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            await channel.Writer.WaitForRoomAsync(cancellationToken);
            var (taken, flags) = TakeWindow(buffer.Length, finish);
            if (taken == 0)
            {
                await WaitForWindowAsync(cancellationToken);
                continue;
            }

            channel.Writer.Send(new YamuxHeader(YamuxType.Data, flags, id, (uint)taken), buffer.Span[..taken]);
            if (flags.HasFlag(YamuxFlags.Syn) && _window > Yamux.InitialWindow)
            {
                channel.Writer.Send(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.None, id, _window - Yamux.InitialWindow), default);
            }

            buffer = buffer[taken..];
        }
    }

    /// <inheritdoc/>
    public override void Finish()
    {
        YamuxFlags flags;
        lock (_gate)
        {
            if (_localFinished || _disposed || _fault is not null)
            {
                return;
            }

            _localFinished = true;
            flags = TakeFirst() | YamuxFlags.Fin;
        }

        channel.Writer.Send(new YamuxHeader(YamuxType.Data, flags, id, 0), default);
    }

    /// <summary>Judges a data frame before any of it is taken.</summary>
    /// <exception cref="InvalidDataException">It is larger than the window, or comes after the end.</exception>
    internal void Expect(uint length)
    {
        lock (_gate)
        {
            if (length > _allowance || (length > 0 && _remoteFinished))
            {
                throw new InvalidDataException($"The agent sent {length} bytes on stream {id}, where {(_remoteFinished ? 0 : _allowance)} are allowed.");
            }

            _allowance -= length;
        }
    }

    internal void Receive(ReadOnlySpan<byte> data)
    {
        int count;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            if (!_reading || _readInto.IsEmpty)
            {
                _received.Write(data);
                return;
            }

            count = Math.Min(data.Length, _readInto.Length);
            data[..count].CopyTo(_readInto.Span);
            _received.Write(data[count..]);
            _readInto = default;
        }

        // The read is ours alone from here on; outside of the lock, because the reader may go on at once.
        _read.SetResult(count);
    }

    /// <exception cref="InvalidDataException">The window would be larger than any sender needs.</exception>
    internal void Grow(uint bytes)
    {
        TaskCompletionSource? writer;
        lock (_gate)
        {
            _sendWindow += bytes;
            if (_sendWindow > int.MaxValue)
            {
                throw new InvalidDataException($"The agent grew the window of stream {id} beyond {int.MaxValue} bytes.");
            }

            (writer, _writer) = (_writer, null);
        }

        writer?.TrySetResult();
    }

    internal void FinishReceived()
    {
        bool taken;
        lock (_gate)
        {
            _remoteFinished = true;
            taken = TakeRead();
        }

        EndRead(taken, reason: null);
    }

    /// <summary>The stream or its channel is dead; what was received can still be read.</summary>
    internal void Fail(Exception reason)
    {
        TaskCompletionSource? writer;
        bool taken;
        lock (_gate)
        {
            _fault ??= reason;
            taken = TakeRead();
            (writer, _writer) = (_writer, null);
        }

        EndRead(taken, new IOException(reason.Message, reason));
        writer?.TrySetResult();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        bool reset;
        bool taken;
        TaskCompletionSource? writer;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            reset = _fault is null && !(_localFinished && _remoteFinished) && _first != YamuxFlags.Syn;
            taken = TakeRead();
            (writer, _writer) = (_writer, null);
        }

        EndRead(taken, new ObjectDisposedException(nameof(AgentStream)));
        writer?.TrySetResult();
        channel.Forget(id);
        if (reset)
        {
            channel.Writer.Send(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.Rst, id, 0), default);
        }

        base.Dispose(disposing);
    }

    private ValueTask<int> PendRead(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        (_reading, _readInto) = (true, buffer);
        _readCancellation = cancellationToken.UnsafeRegister(
            static (state, token) => ((AgentStream)state!).CancelRead(token), this);
        return new ValueTask<int>(this, _read.Version);
    }

    private void CancelRead(CancellationToken cancellationToken) => EndRead(TakeRead(), new OperationCanceledException(cancellationToken));

    /// <summary>Takes the pending read, if there is one; only who took it may end it, and does so outside of the lock.</summary>
    private bool TakeRead()
    {
        lock (_gate)
        {
            var taken = _reading && !_readInto.IsEmpty;
            _readInto = default;
            return taken;
        }
    }

    private void EndRead(bool taken, Exception? reason)
    {
        if (taken && reason is not null)
        {
            _read.SetException(reason);
        }
        else if (taken)
        {
            _read.SetResult(0);
        }
    }

    private void Credit(int count)
    {
        uint growth;
        lock (_gate)
        {
            _consumed += (uint)count;
            if (_consumed < _window / 2 || _remoteFinished || _disposed || _fault is not null)
            {
                return;
            }

            (growth, _consumed) = (_consumed, 0);
            _allowance += growth;
        }

        channel.Writer.Send(new YamuxHeader(YamuxType.WindowUpdate, YamuxFlags.None, id, growth), default);
    }

    private (int Taken, YamuxFlags Flags) TakeWindow(int wanted, bool finish)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_fault is not null)
            {
                throw new IOException(_fault.Message, _fault);
            }

            if (_localFinished)
            {
                throw new InvalidOperationException("Writing to this stream was finished.");
            }

            var taken = (int)Math.Min(Math.Min(_sendWindow, wanted), Yamux.MaximumData);
            if (taken == 0)
            {
                return default;
            }

            _sendWindow -= taken;
            _localFinished = finish && taken == wanted;
            return (taken, TakeFirst() | (_localFinished ? YamuxFlags.Fin : YamuxFlags.None));
        }
    }

    /// <summary>The flag of the first frame: the stream begins, or the agent's is accepted.</summary>
    private YamuxFlags TakeFirst()
    {
        var flags = _first;
        _first = YamuxFlags.None;
        return flags;
    }

    private Task WaitForWindowAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_sendWindow > 0 || _fault is not null || _disposed)
            {
                return Task.CompletedTask;
            }

            _writer ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _writer.Task.WaitAsync(cancellationToken);
        }
    }
}
