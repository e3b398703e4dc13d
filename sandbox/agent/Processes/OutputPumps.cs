using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>One thread per output pipe of a child; the last one to end reports the child's exit.</summary>
internal sealed unsafe class OutputPumps(Child child, OutputPort port)
{
    private const int BufferSize = 32 * 1024;
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

    /// <summary>Ends with the pipe, or with the child: a grandchild that holds the pipe open must not keep the call from ending.</summary>
    private void Pump(ProcessFrameType type, int descriptor)
    {
        var frame = (byte*)NativeMemory.Alloc(OutputPort.HeadRoom + BufferSize);
        while (Descriptors.Wait(descriptor, PollDescriptor.In, _exitEvent))
        {
            var read = Descriptors.Read(descriptor, frame + OutputPort.HeadRoom, BufferSize);
            if (read == 0)
            {
                break;
            }

            port.Deliver(type, frame, read);
        }

        NativeMemory.Free(frame);
        Descriptors.Close(ref descriptor);
        if (Interlocked.Decrement(ref _running) == 0)
        {
            child.ReturnExitEvent();
            port.Complete(child.WaitForExit());
        }
    }
}
