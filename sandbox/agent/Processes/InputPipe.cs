using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>
/// The writing end of a child's pipe. What the pipe takes is written at once, on the channel's thread; the rest waits here
/// (bounded by the stream's window, as it is not credited before it is written) and a thread writes it as the child reads.
/// </summary>
internal sealed unsafe class InputPipe
{
    private const int DuplicateCloseOnExec = 1030;
    private readonly Lock _gate = new();
    private readonly Child _child;
    private readonly bool _shared;
    private int _descriptor;
    private byte[] _waiting = [];
    private int _waitingStart;
    private int _waitingEnd;
    private AgentStream? _creditor;
    private bool _flushing;
    private bool _closing;

    /// <summary>Takes over <paramref name="descriptor"/>; a <paramref name="shared"/> one (a terminal) is read by others, so it is polled and never set to not block.</summary>
    internal InputPipe(Child child, int descriptor, bool shared)
    {
        (_child, _descriptor, _shared) = (child, descriptor, shared);
        if (shared)
        {
            _descriptor = NativeError.Check(Libc.Fcntl(descriptor, DuplicateCloseOnExec, 0), "dup");
        }
        else
        {
            Descriptors.SetNonBlocking(descriptor);
        }
    }

    /// <summary>Writes, now or later; credits the stream, if there is one, when it is written.</summary>
    internal void Write(ReadOnlySpan<byte> data, AgentStream? stream)
    {
        lock (_gate)
        {
            var written = 0;
            if (_waitingStart == _waitingEnd && !_shared)
            {
                fixed (byte* start = data)
                {
                    written = WriteSome(start, data.Length);
                }

                stream?.Credit(written);
            }

            if (written < data.Length)
            {
                Keep(data[written..], stream);
            }
        }
    }

    /// <summary>Closes it behind what waits.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _closing = true;
            if (!_flushing)
            {
                Descriptors.Close(ref _descriptor);
            }
        }
    }

    private void Keep(ReadOnlySpan<byte> data, AgentStream? stream)
    {
        if (_waitingEnd + data.Length > _waiting.Length)
        {
            var present = _waiting.AsSpan(_waitingStart.._waitingEnd);
            var larger = new byte[Math.Max(64 * 1024, (present.Length + data.Length) * 2)];
            present.CopyTo(larger);
            (_waiting, _waitingStart, _waitingEnd) = (larger, 0, present.Length);
        }

        data.CopyTo(_waiting.AsSpan(_waitingEnd));
        _waitingEnd += data.Length;
        _creditor = stream;
        if (!_flushing)
        {
            _flushing = true;
            AgentThread.Start("input", Flush);
        }
    }

    private void Flush()
    {
        var exitEvent = _child.BorrowExitEvent();
        while (FlushOnce(exitEvent))
        {
        }

        _child.ReturnExitEvent();
    }

    private bool FlushOnce(int exitEvent)
    {
        var writable = _descriptor < 0 || Descriptors.Wait(_descriptor, PollDescriptor.Out, exitEvent);
        lock (_gate)
        {
            FlushSome(discard: !writable);
            if (_waitingStart < _waitingEnd)
            {
                return true;
            }

            (_waiting, _waitingStart, _waitingEnd, _flushing) = ([], 0, 0, false);
            if (_closing)
            {
                Descriptors.Close(ref _descriptor);
            }

            return false;
        }
    }

    /// <summary>A terminal blocks, but takes a little whenever it polls as writable; so it gets little pieces.</summary>
    private void FlushSome(bool discard)
    {
        var length = _waitingEnd - _waitingStart;
        length = _shared ? Math.Min(length, 256) : length;
        fixed (byte* start = _waiting)
        {
            var written = discard ? length : WriteSome(start + _waitingStart, length);
            _waitingStart += written;
            _creditor?.Credit(written);
        }
    }

    /// <summary>A child that closed its end wants nothing more: what is for it is dropped, as it would be by a shell's pipe.</summary>
    private int WriteSome(byte* data, int length)
    {
        if (_descriptor < 0)
        {
            return length;
        }

        try
        {
            return Descriptors.Write(_descriptor, data, length);
        }
        catch (NativeException)
        {
            Descriptors.Close(ref _descriptor);
            return length;
        }
    }
}
