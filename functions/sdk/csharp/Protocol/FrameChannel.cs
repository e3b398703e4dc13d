using Microsoft.Win32.SafeHandles;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sdk.Protocol;

/// <summary>The control pipe to the host: blocking reads on one thread, whole frames written by any.</summary>
internal sealed class FrameChannel : IDisposable
{
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Lock _writing = new();

    /// <summary>Takes both streams over.</summary>
    public FrameChannel(Stream input, Stream output)
    {
        _input = input;
        _output = output;
    }

    /// <summary>Over two open descriptors.</summary>
    public static FrameChannel OverDescriptors(int input, int output) => new(
        new FileStream(new SafeFileHandle(input, ownsHandle: true), FileAccess.Read, bufferSize: 16 << 10),
        new FileStream(new SafeFileHandle(output, ownsHandle: true), FileAccess.Write, bufferSize: 0));

    /// <summary>The next frame, or null at the end of the pipe.</summary>
    /// <exception cref="InvalidDataException">The host does not speak the protocol.</exception>
    public Frame? Read()
    {
        Span<byte> head = stackalloc byte[WorkerFrameHeader.Size];
        if (_input.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
        {
            return null;
        }

        var header = WorkerFrameHeader.Read(head);
        var payload = GC.AllocateUninitializedArray<byte>(header.PayloadLength);
        return _input.ReadAtLeast(payload, payload.Length, throwOnEndOfStream: false) < payload.Length
            ? null
            : new Frame(header.Type, header.Call, payload);
    }

    /// <summary>Writes a finished frame and releases its buffer. Blocks while the host does not read.</summary>
    public void Send(FrameBuilder frame)
    {
        var bytes = frame.Finish();
        lock (_writing)
        {
            _output.Write(bytes);
        }

        frame.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
    }
}
