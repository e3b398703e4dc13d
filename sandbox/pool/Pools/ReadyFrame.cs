using System.Buffers.Binary;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>Reads the first frame of a worker, which must be READY (docs/PROTOCOL.md section 2), and not a byte more.</summary>
internal static class ReadyFrame
{
    private const int HeaderLength = 9;
    private const int LengthAfterPrefix = 5;
    private const int LongestPayload = 64 * 1024;

    /// <summary>Waits for READY.</summary>
    /// <exception cref="InvalidDataException">The worker ended, or said something else.</exception>
    public static async ValueTask ReadAsync(Stream worker, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderLength];
        if (await worker.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, cancellationToken) < HeaderLength)
        {
            throw new InvalidDataException("the worker ended before it was ready");
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (length is < LengthAfterPrefix or > LongestPayload || header[4] != (byte)WorkerFrameType.Ready)
        {
            throw new InvalidDataException($"the worker's first frame is of type {header[4]} and length {length}, not READY");
        }

        await worker.ReadExactlyAsync(new byte[length - LengthAfterPrefix], cancellationToken);
    }
}
