using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>
/// The hot path out of a worker: one blocking thread that reads its pipe and writes the channel. It reads only while a
/// stream is attached and its window open, and keeps what it has read when the stream dies meanwhile: nothing is lost
/// over a checkpoint.
/// </summary>
internal sealed unsafe class WorkerRelay
{
    private readonly object _gate = new();
    private AgentStream? _stream;
    private bool _ended;

    internal void Start(Child worker, int descriptor) => AgentThread.Start("relay", () => Run(worker, descriptor));

    /// <summary>Relays to <paramref name="stream"/> from now on; a former one is reset.</summary>
    internal void Attach(AgentStream stream)
    {
        AgentStream? former;
        bool ended;
        lock (_gate)
        {
            (former, _stream, ended) = (_stream, stream, _ended);
            Monitor.PulseAll(_gate);
        }

        former?.Reset();
        if (ended)
        {
            stream.Finish();
        }
    }

    internal void Detach(AgentStream stream)
    {
        lock (_gate)
        {
            _stream = _stream == stream ? null : _stream;
        }
    }

    /// <summary>The worker has ended: do not wait for a stream any longer.</summary>
    internal void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private void Run(Child worker, int descriptor)
    {
        var frame = (byte*)NativeMemory.Alloc(YamuxHeader.Size + Yamux.MaximumData);
        var held = 0;
        var exitEvent = worker.BorrowExitEvent();
        while (WaitForStream(worker) is { } stream)
        {
            var window = stream.WaitWindow(Math.Max(1, held));
            if (window == 0)
            {
                Detach(stream);
                continue;
            }

            if (held == 0)
            {
                held = Descriptors.Wait(descriptor, PollDescriptor.In, exitEvent)
                    ? Descriptors.Read(descriptor, frame + YamuxHeader.Size, window)
                    : 0;
                if (held == 0)
                {
                    break;
                }
            }

            held = stream.Send(frame, held) ? 0 : held;
        }

        NativeMemory.Free(frame);
        Descriptors.Close(ref descriptor);
        worker.ReturnExitEvent();
        worker.WaitForExit();
        End();
    }

    private AgentStream? WaitForStream(Child worker)
    {
        lock (_gate)
        {
            while (_stream is null && !worker.HasEnded)
            {
                Monitor.Wait(_gate);
            }

            return _stream;
        }
    }

    private void End()
    {
        AgentStream? stream;
        lock (_gate)
        {
            (_ended, stream) = (true, _stream);
        }

        stream?.Finish();
    }
}
