using System.Buffers.Binary;

namespace ToolRuntime.Sandbox.Protocol;

/// <summary>The header of a process frame: 5 bytes, little-endian.</summary>
/// <param name="Type">The frame's type.</param>
/// <param name="Length">Bytes that follow.</param>
public readonly record struct ProcessFrameHeader(ProcessFrameType Type, uint Length)
{
    /// <summary>Its size, bytes.</summary>
    public const int Size = 5;

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> destination)
    {
        destination[0] = (byte)Type;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[1..], Length);
    }

    /// <summary>Reads it.</summary>
    public static ProcessFrameHeader Read(ReadOnlySpan<byte> source) =>
        new((ProcessFrameType)source[0], BinaryPrimitives.ReadUInt32LittleEndian(source[1..]));
}
