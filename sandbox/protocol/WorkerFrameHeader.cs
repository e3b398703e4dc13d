using System.Buffers.Binary;

namespace ToolRuntime.Sandbox.Protocol;

/// <summary>The header of a worker frame: 9 bytes, little-endian; docs/PROTOCOL.md section 2.</summary>
/// <param name="Type">The frame's type.</param>
/// <param name="Call">The call, 0 for the worker itself.</param>
/// <param name="PayloadLength">Bytes of payload that follow.</param>
public readonly record struct WorkerFrameHeader(WorkerFrameType Type, uint Call, int PayloadLength)
{
    /// <summary>Its size, bytes.</summary>
    public const int Size = 9;

    /// <summary>Largest payload, bytes.</summary>
    public const int MaximumPayload = 64 * 1024 * 1024;

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)(PayloadLength + 5));
        destination[4] = (byte)Type;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[5..], Call);
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">Its length is out of range.</exception>
    public static WorkerFrameHeader Read(ReadOnlySpan<byte> source)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(source);
        if (length is < 5 or > MaximumPayload + 5)
        {
            throw new InvalidDataException($"A worker frame of {length} bytes; 5 to {MaximumPayload + 5} are allowed.");
        }

        return new WorkerFrameHeader((WorkerFrameType)source[4], BinaryPrimitives.ReadUInt32LittleEndian(source[5..]), (int)length - 5);
    }
}
