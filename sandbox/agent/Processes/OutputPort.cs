using System.Buffers.Binary;
using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>
/// What a process prints, as process frames. While a stream is attached its window slows the process; while none is,
/// the last 64 KiB are kept and the oldest go first.
/// </summary>
internal sealed unsafe class OutputPort
{
    /// <summary>Room that must stand before the data given to <see cref="Deliver"/>.</summary>
    internal const int HeadRoom = YamuxHeader.Size + ProcessFrameHeader.Size;

    private const int MostKept = 64 * 1024;
    private readonly Lock _gate = new();
    private readonly Queue<(ProcessFrameType Type, byte[] Data)> _kept = new();
    private volatile AgentStream? _stream;
    private int _keptBytes;
    private ChildExit? _exit;

    /// <summary>Sends what was kept, then what comes, to <paramref name="stream"/>; a former one is reset.</summary>
    internal void Attach(AgentStream stream)
    {
        _stream?.Reset();
        lock (_gate)
        {
            _stream = stream;
            while (_kept.TryDequeue(out var piece))
            {
                _keptBytes -= piece.Data.Length + HeadRoom;
                SendCopy(piece.Type, piece.Data);
            }

            SendExit();
        }
    }

    /// <summary>Forgets a dead stream.</summary>
    internal void Detach(AgentStream stream) => Interlocked.CompareExchange(ref _stream, null, stream);

    /// <summary>Sends or keeps <paramref name="length"/> bytes that stand behind <see cref="HeadRoom"/>.</summary>
    internal void Deliver(ProcessFrameType type, byte* frame, int length)
    {
        lock (_gate)
        {
            var sent = 0;
            while (sent < length && Send(type, frame + sent, length - sent) is var piece and > 0)
            {
                sent += piece;
            }

            if (sent < length)
            {
                Keep(type, new ReadOnlySpan<byte>(frame + HeadRoom + sent, length - sent));
            }
        }
    }

    /// <summary>The process has ended and all of its output was delivered.</summary>
    internal void Complete(ChildExit exit)
    {
        lock (_gate)
        {
            _exit = exit;
            SendExit();
        }
    }

    private void SendExit()
    {
        if (_exit is not { } exit || _stream is not { } stream)
        {
            return;
        }

        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(payload, exit.Code);
        BinaryPrimitives.WriteInt32LittleEndian(payload[4..], exit.Signal);
        SendCopy(ProcessFrameType.Exit, payload);
        stream.Finish();
    }

    private void SendCopy(ProcessFrameType type, ReadOnlySpan<byte> data)
    {
        var frame = (byte*)NativeMemory.Alloc((nuint)(HeadRoom + data.Length));
        data.CopyTo(new Span<byte>(frame + HeadRoom, data.Length));
        var sent = Send(type, frame, data.Length);
        NativeMemory.Free(frame);
        if (sent < data.Length && type != ProcessFrameType.Exit)
        {
            Keep(type, data[sent..]);
        }
    }

    /// <summary>Sends as much as the window takes as one whole frame; 0 when no stream is there.</summary>
    private int Send(ProcessFrameType type, byte* frame, int length)
    {
        if (_stream is not { } stream)
        {
            return 0;
        }

        var window = stream.WaitWindow(Math.Min(length, 1024) + ProcessFrameHeader.Size);
        var piece = Math.Min(window - ProcessFrameHeader.Size, length);
        if (window == 0)
        {
            Detach(stream);
            return 0;
        }

        new ProcessFrameHeader(type, (uint)piece).Write(new Span<byte>(frame + YamuxHeader.Size, ProcessFrameHeader.Size));
        return stream.Send(frame, ProcessFrameHeader.Size + piece) ? piece : 0;
    }

    private void Keep(ProcessFrameType type, ReadOnlySpan<byte> data)
    {
        _kept.Enqueue((type, data.ToArray()));
        _keptBytes += data.Length + HeadRoom;
        while (_keptBytes > MostKept && _kept.Count > 1)
        {
            _keptBytes -= _kept.Dequeue().Data.Length + HeadRoom;
        }
    }
}
