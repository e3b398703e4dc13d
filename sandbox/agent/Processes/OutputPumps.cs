using System.Diagnostics;
using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>One thread per output pipe of a child; the last one to end reports the child's exit.</summary>
internal sealed unsafe class OutputPumps(Child child, OutputPort port)
{
    /// <summary>As much as one frame of the channel holds.</summary>
    private const int BufferSize = Yamux.MaximumData - ProcessFrameHeader.Size;

    /// <summary>How long a pipe may stay open after the child's own end: something that it left holds it.</summary>
    private const int PatienceMs = 2000;

    /// <summary>
    /// Pieces so large that come as fast as this, so many one after the other, are a stream: then a pause lets some gather, since each wake and each
    /// frame costs more than the bytes of a piece. Short answers of a program that is asked much never wait.
    /// </summary>
    private const int StreamPieces = 4;
    private const int LeastOfStream = 4096;
    private const int PauseMicroseconds = 1000;
    private static readonly TimeSpan s_rapid = TimeSpan.FromMilliseconds(1);

    private int _running;
    private int _exitEvent;

    internal void Start(params ReadOnlySpan<(ProcessFrameType Type, int Descriptor)> pipes)
    {
        _running = pipes.Length;
        _exitEvent = child.BorrowExitEvent();
        foreach (var (type, descriptor) in pipes)
        {
            AgentThread.Start("output", () => Pump(type, descriptor));
        }
    }

    private void Pump(ProcessFrameType type, int descriptor)
    {
        var frame = (byte*)NativeMemory.Alloc(OutputPort.HeadRoom + BufferSize);
        if (PumpWhileItRuns(type, descriptor, frame))
        {
            PumpTheRest(type, descriptor, frame);
        }

        NativeMemory.Free(frame);
        Descriptors.Close(ref descriptor);
        if (Interlocked.Decrement(ref _running) == 0)
        {
            child.ReturnExitEvent();
            port.Complete(child.WaitForExit());
        }
    }

    /// <summary>Whether the pipe is still open when the child has ended.</summary>
    private bool PumpWhileItRuns(ProcessFrameType type, int descriptor, byte* frame)
    {
        var (rapid, read) = (0, 0);
        var last = Stopwatch.GetTimestamp();
        while (!child.HasEnded)
        {
            if (!Descriptors.Wait(descriptor, PollDescriptor.In, _exitEvent))
            {
                continue;
            }

            rapid = read >= LeastOfStream && Stopwatch.GetElapsedTime(last) < s_rapid ? rapid + 1 : 0;
            if (rapid > StreamPieces && read < BufferSize)
            {
                _ = Libc.SleepMicroseconds(PauseMicroseconds);
            }

            read = PumpOnce(type, descriptor, frame);
            if (read == 0)
            {
                return false;
            }

            last = Stopwatch.GetTimestamp();
        }

        return true;
    }

    /// <summary>Until the pipe ends, but not for ever: a grandchild that holds it open must not keep the call from ending.</summary>
    private void PumpTheRest(ProcessFrameType type, int descriptor, byte* frame)
    {
        var end = Environment.TickCount64 + PatienceMs;
        var late = 0;
        while (late < Descriptors.WidePipe)
        {
            var left = (int)Math.Max(0, end - Environment.TickCount64);
            if (!Descriptors.WaitReadable(descriptor, left) || PumpOnce(type, descriptor, frame) is not (var read and > 0))
            {
                return;
            }

            late += left == 0 ? read : 0;
        }
    }

    private int PumpOnce(ProcessFrameType type, int descriptor, byte* frame)
    {
        var read = Descriptors.Read(descriptor, frame + OutputPort.HeadRoom, BufferSize);
        if (read > 0)
        {
            port.Deliver(type, frame, read);
        }

        return read;
    }
}
