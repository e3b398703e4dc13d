using System.Buffers.Binary;
using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>One of the streams that a process's output goes to.</summary>
internal sealed unsafe class OutputReader(AgentStream stream)
{
    private readonly Lock _gate = new();

    internal AgentStream Stream => stream;

    /// <summary>Runs <paramref name="action"/> before anything else can be sent.</summary>
    internal void First(Action action)
    {
        lock (_gate)
        {
            action();
        }
    }

    /// <summary>
    /// Sends <paramref name="length"/> bytes that stand behind room for the headers, as the window takes them. What the headers are written over
    /// is put back, because the next reader is sent it too.
    /// </summary>
    /// <returns>How many went out: fewer when the stream is dead.</returns>
    internal int Send(ProcessFrameType type, byte* frame, int length)
    {
        var covered = stackalloc byte[OutputPort.HeadRoom];
        var sent = 0;
        lock (_gate)
        {
            while (sent < length && stream.WaitWindow(Math.Min(length - sent, 1024) + ProcessFrameHeader.Size) is var window and > 0)
            {
                var start = frame + sent;
                var piece = Math.Min(window - ProcessFrameHeader.Size, length - sent);
                new Span<byte>(start, OutputPort.HeadRoom).CopyTo(new Span<byte>(covered, OutputPort.HeadRoom));
                new ProcessFrameHeader(type, (uint)piece).Write(new Span<byte>(start + YamuxHeader.Size, ProcessFrameHeader.Size));
                var whole = stream.Send(start, ProcessFrameHeader.Size + piece);
                new Span<byte>(covered, OutputPort.HeadRoom).CopyTo(new Span<byte>(start, OutputPort.HeadRoom));
                if (!whole)
                {
                    break;
                }

                sent += piece;
            }
        }

        return sent;
    }

    /// <summary>Sends a copy of <paramref name="data"/>.</summary>
    internal int Send(ProcessFrameType type, ReadOnlySpan<byte> data)
    {
        var frame = (byte*)NativeMemory.Alloc((nuint)(OutputPort.HeadRoom + data.Length));
        data.CopyTo(new Span<byte>(frame + OutputPort.HeadRoom, data.Length));
        var sent = Send(type, frame, data.Length);
        NativeMemory.Free(frame);
        return sent;
    }

    /// <summary>Sends the last frame and ends the stream.</summary>
    internal void SendExit(ChildExit exit)
    {
        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(payload, exit.Code);
        BinaryPrimitives.WriteInt32LittleEndian(payload[4..], exit.Signal);
        Send(ProcessFrameType.Exit, payload);
        stream.Finish();
    }
}
