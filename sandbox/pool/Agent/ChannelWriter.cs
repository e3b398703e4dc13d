using System.IO.Pipes;
using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent;

/// <summary>
/// The sending half of a channel. Frames of all streams are gathered and written together. A small frame that the pipe takes
/// at once is written by its sender; everything else by a thread of its own, because an agent that stops reading must not hold
/// a pool thread.
/// </summary>
internal sealed partial class ChannelWriter
{
    /// <summary>A pipe that polls as writable takes this much without blocking (PIPE_BUF).</summary>
    private const int TakenAtOnce = 4096;

    /// <summary>Senders of data wait while more is gathered; what control frames add is bounded by the windows.</summary>
    private const int GatheredBound = 1024 * 1024;

    private readonly Stream _stream;
    private readonly SafeHandle? _handle;
    private readonly Action<Exception> _failed;
    private readonly object _gate = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private byte[] _gathered = new byte[16 * 1024];
    private byte[] _spare = new byte[16 * 1024];
    private int _length;
    private bool _writing;
    private bool _sealed;
    private bool _closed;

    internal ChannelWriter(Stream stream, Action<Exception> failed)
    {
        (_stream, _failed) = (stream, failed);
        _handle = stream switch
        {
            FileStream { CanSeek: false } file => file.SafeFileHandle,
            PipeStream pipe => pipe.SafePipeHandle,
            _ => null,
        };
    }

    /// <summary>Called before anything is sent.</summary>
    internal Action? OnUse { get; set; }

    /// <summary>Bytes that wait to be written.</summary>
    internal int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _length;
            }
        }
    }

    internal void Start() => new Thread(Run, 256 * 1024) { IsBackground = true, Name = "agent-writer" }.Start();

    /// <summary>Completes when there is room for data; faults when the channel is closed.</summary>
    internal ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_length < GatheredBound || _sealed)
            {
                return ValueTask.CompletedTask;
            }

            var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(waiting);
            return new ValueTask(waiting.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Sends a frame, or raw bytes where there is no header; nothing once sealed. With <paramref name="last"/> it seals.</summary>
    internal void Send(YamuxHeader? header, ReadOnlySpan<byte> payload, bool last = false)
    {
        OnUse?.Invoke();
        lock (_gate)
        {
            if (_sealed)
            {
                return;
            }

            _sealed = last;
            Gather(header, payload);
            if (_writing)
            {
                return;
            }

            if (_length > TakenAtOnce || !PollsWritable())
            {
                Monitor.Pulse(_gate);
                return;
            }

            _writing = true;
        }

        WriteGathered();
    }

    /// <summary>Ends the thread and closes the stream behind what is being written.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _sealed = _closed = true;
            Release();
            Monitor.PulseAll(_gate);
            if (_writing)
            {
                return;
            }

            _writing = true;
        }

        _stream.Dispose();
    }

    private void Gather(YamuxHeader? header, ReadOnlySpan<byte> payload)
    {
        var needed = _length + YamuxHeader.Size + payload.Length;
        if (needed > _gathered.Length)
        {
            Array.Resize(ref _gathered, Math.Max(needed, _gathered.Length * 2));
        }

        if (header is { } first)
        {
            first.Write(_gathered.AsSpan(_length));
            _length += YamuxHeader.Size;
        }

        payload.CopyTo(_gathered.AsSpan(_length));
        _length += payload.Length;
    }

    private void Run()
    {
        while (true)
        {
            lock (_gate)
            {
                while ((_length == 0 || _writing) && !_closed)
                {
                    Monitor.Wait(_gate);
                }

                if (_closed)
                {
                    return;
                }

                _writing = true;
            }

            WriteGathered();
        }
    }

    /// <summary>Writes what is gathered, as its only writer; what comes meanwhile is left to the thread.</summary>
    private void WriteGathered()
    {
        byte[] bytes;
        int length;
        lock (_gate)
        {
            (bytes, length) = (_gathered, _length);
            (_gathered, _spare, _length) = (_spare, bytes, 0);
            Release();
        }

        try
        {
            _stream.Write(bytes, 0, length);
            _stream.Flush();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            _failed(error);
        }

        Written();
    }

    private void Written()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _writing = false;
                if (_length > 0)
                {
                    Monitor.Pulse(_gate);
                }

                return;
            }
        }

        _stream.Dispose();
    }

    private void Release()
    {
        foreach (var waiting in _waiting)
        {
            waiting.TrySetResult();
        }

        _waiting.Clear();
    }

    private bool PollsWritable()
    {
        const short Out = 4;
        var added = false;
        try
        {
            _handle?.DangerousAddRef(ref added);
            if (!added)
            {
                return false;
            }

            var poll = new PollDescriptor { Descriptor = (int)_handle!.DangerousGetHandle(), Events = Out };
            return Poll(ref poll, 1, 0) == 1 && poll.Returned == Out;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (added)
            {
                _handle!.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollDescriptor descriptor, nuint count, int timeoutMs);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }
}
