using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>
/// The writing end of a child's pipe. What the pipe takes is written at once, on the channel's thread; the rest waits here
/// (bounded by the streams' windows, as it is not credited before it is written) and a thread writes it as the child reads.
/// </summary>
internal sealed unsafe class InputPipe
{
    private const int DuplicateCloseOnExec = 1030;

    /// <summary>Most that waits before <see cref="Put"/> waits itself.</summary>
    private const int MostWaiting = 1024 * 1024;

    private readonly object _gate = new();
    private readonly List<(AgentStream? Stream, int Bytes)> _owed = [];
    private readonly Child _child;
    private readonly bool _shared;
    private int _descriptor;
    private byte[] _waiting = [];
    private int _waitingStart;
    private int _waitingEnd;
    private HeldSize? _size;
    private bool _flushing;
    private bool _closing;

    /// <summary>Whether it leads to a terminal.</summary>
    internal bool IsTerminal => _shared;

    private bool IsClosed => _closing || _descriptor < 0;

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

    /// <summary>Writes, and waits until the child's pipe has taken it, at most so long; what it has not taken then, it gets later.</summary>
    internal InputResult Put(ReadOnlySpan<byte> data, TimeSpan atMost)
    {
        var end = Environment.TickCount64 + (long)atMost.TotalMilliseconds;
        lock (_gate)
        {
            while (!IsClosed && _waitingStart < _waitingEnd && _waitingEnd - _waitingStart + data.Length > MostWaiting)
            {
                if (!WaitUntil(end))
                {
                    return InputResult.Full;
                }
            }

            if (IsClosed)
            {
                return InputResult.Closed;
            }

            Write(data, null);
            while (_waitingStart < _waitingEnd && WaitUntil(end))
            {
                // Each turn the child has taken something.
            }

            return _descriptor < 0 && !_closing ? InputResult.Closed : InputResult.Taken;
        }
    }

    /// <summary>Changes the size of the terminal that it leads to, and sees to it that it stays.</summary>
    internal void Resize(AgentTerminal size)
    {
        lock (_gate)
        {
            if (_descriptor < 0 || !_shared)
            {
                return;
            }

            _size ??= new HeldSize(_gate, () => _descriptor);
            if (_size.Set(size))
            {
                AgentThread.Start("size", _size.Hold);
            }
        }
    }

    /// <summary>Closes it behind what waits.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.PulseAll(_gate);
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
        _owed.Add((stream, data.Length));
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
            Credit(written);
            Monitor.PulseAll(_gate);
        }
    }

    private void Credit(int written)
    {
        while (written > 0)
        {
            var (stream, bytes) = _owed[0];
            var part = Math.Min(written, bytes);
            stream?.Credit(part);
            written -= part;
            if (part == bytes)
            {
                _owed.RemoveAt(0);
            }
            else
            {
                _owed[0] = (stream, bytes - part);
            }
        }
    }

    private bool WaitUntil(long end)
    {
        var left = end - Environment.TickCount64;
        return left > 0 && Monitor.Wait(_gate, TimeSpan.FromMilliseconds(left));
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
