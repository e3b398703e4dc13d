using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

using Microsoft.Win32.SafeHandles;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>The control pipe to the host: blocking reads on one thread, whole frames written by any.</summary>
internal sealed class FrameChannel(Stream input, Stream output) : IDisposable
{
    private const int KeptCapacity = 1 << 20;
    private readonly Lock _writing = new();
    private ArrayBufferWriter<byte> _buffer = new(1 << 10);

    /// <summary>No byte more than JSON needs: nothing here ends in HTML.</summary>
    private static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Over two open descriptors.</summary>
    public static FrameChannel OverDescriptors(int input, int output) => new(
        new FileStream(new SafeFileHandle(Moved(input), ownsHandle: true), FileAccess.Read, bufferSize: 16 << 10),
        new FileStream(new SafeFileHandle(Moved(output), ownsHandle: true), FileAccess.Write, bufferSize: 0));

    /// <summary>The next frame, or null at the end of the pipe.</summary>
    /// <exception cref="InvalidDataException">The host does not speak the protocol.</exception>
    public (WorkerFrameHeader Header, byte[] Payload)? Read()
    {
        Span<byte> head = stackalloc byte[WorkerFrameHeader.Size];
        if (input.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
        {
            return null;
        }

        var header = WorkerFrameHeader.Read(head);
        var payload = GC.AllocateUninitializedArray<byte>(header.PayloadLength);
        return input.ReadAtLeast(payload, payload.Length, throwOnEndOfStream: false) < payload.Length ? null : (header, payload);
    }

    /// <summary>Writes a frame whose payload is an object with what <paramref name="write"/> gives it. Blocks while the host does not read.</summary>
    public void Send(KernelFrame type, uint call, Action<Utf8JsonWriter> write)
    {
        lock (_writing)
        {
            _buffer.ResetWrittenCount();
            _buffer.GetSpan(WorkerFrameHeader.Size);
            _buffer.Advance(WorkerFrameHeader.Size);
            using (var json = new Utf8JsonWriter(_buffer, Options))
            {
                json.WriteStartObject();
                write(json);
                json.WriteEndObject();
            }

            var frame = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_buffer.WrittenMemory).Span;
            new WorkerFrameHeader((WorkerFrameType)type, call, frame.Length - WorkerFrameHeader.Size).Write(frame);
            BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)(frame.Length - sizeof(uint)));
            output.Write(frame);
            if (_buffer.Capacity > KeptCapacity)
            {
                _buffer = new ArrayBufferWriter<byte>(1 << 10);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        input.Dispose();
        output.Dispose();
    }

    // Closed on exec, so that no child holds the pipe or answers.
    private static int Moved(int descriptor)
    {
        var moved = Descriptors.Duplicate(descriptor);
        Descriptors.Close(descriptor);
        return moved;
    }
}
