using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sdk.Protocol;

/// <summary>Builds one frame in a buffer of the thread that sends it, so that it leaves in one write.</summary>
internal sealed class FrameBuilder : IDisposable
{
    private const int KeptCapacity = 1 << 20;

    [ThreadStatic]
    private static FrameBuilder? s_idle;

    private readonly ArrayBufferWriter<byte> _buffer = new(1 << 10);
    private readonly Utf8JsonWriter _json;

    private FrameBuilder() => _json = new Utf8JsonWriter(_buffer, JsonForm.WriterOptions);

    /// <summary>The payload's writer.</summary>
    public Utf8JsonWriter Json => _json;

    /// <summary>Bytes of the payload so far; <see cref="Utf8JsonWriter.Flush"/> comes first.</summary>
    public int PayloadLength => _buffer.WrittenCount - WorkerFrameHeader.Size;

    /// <summary>Starts a frame; a thread builds one at a time, nested ones get a buffer of their own.</summary>
    public static FrameBuilder Begin(WorkerFrameType type, uint call)
    {
        var builder = s_idle ?? new FrameBuilder();
        s_idle = null;
        new WorkerFrameHeader(type, call, PayloadLength: 0).Write(builder._buffer.GetSpan(WorkerFrameHeader.Size));
        builder._buffer.Advance(WorkerFrameHeader.Size);
        builder._json.Reset(builder._buffer);
        return builder;
    }

    /// <summary>The whole frame; valid until <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        _json.Flush();
        var frame = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_buffer.WrittenMemory).Span;
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)(frame.Length - sizeof(uint)));
        return frame;
    }

    /// <summary>Lets the thread use the buffer again.</summary>
    public void Dispose()
    {
        if (_buffer.Capacity > KeptCapacity)
        {
            _json.Dispose();
            return;
        }

        _buffer.ResetWrittenCount();
        s_idle = this;
    }
}
