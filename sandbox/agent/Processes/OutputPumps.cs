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

    /// <summary>What is still read then without waiting: as much as a pipe can hold.</summary>
    private const int LargestPipe = 1024 * 1024;

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
        while (!child.HasEnded)
        {
            if (Descriptors.Wait(descriptor, PollDescriptor.In, _exitEvent) && PumpOnce(type, descriptor, frame) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Until the pipe ends, but not for ever: a grandchild that holds it open must not keep the call from ending.</summary>
    private void PumpTheRest(ProcessFrameType type, int descriptor, byte* frame)
    {
        var end = Environment.TickCount64 + PatienceMs;
        var late = 0;
        while (late < LargestPipe)
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
