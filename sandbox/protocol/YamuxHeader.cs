using System.Buffers.Binary;

namespace ToolRuntime.Sandbox.Protocol;

/// <summary>A yamux header: 12 bytes, big-endian.</summary>
/// <param name="Type">The frame's type.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="Stream">The stream, 0 for the session.</param>
/// <param name="Length">Bytes of data that follow, a window's growth, a ping's value or a reason.</param>
public readonly record struct YamuxHeader(YamuxType Type, YamuxFlags Flags, uint Stream, uint Length)
{
    /// <summary>Its size, bytes.</summary>
    public const int Size = 12;

    private const YamuxFlags Known = YamuxFlags.Syn | YamuxFlags.Ack | YamuxFlags.Fin | YamuxFlags.Rst;

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> destination)
    {
        destination[0] = 0;
        destination[1] = (byte)Type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)Flags);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], Stream);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Length);
    }

    /// <summary>Reads and checks it.</summary>
    /// <exception cref="InvalidDataException">It is not a header of version 0.</exception>
    public static YamuxHeader Read(ReadOnlySpan<byte> source)
    {
        var header = new YamuxHeader(
            (YamuxType)source[1],
            (YamuxFlags)BinaryPrimitives.ReadUInt16BigEndian(source[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[8..]));
        var ofSession = header.Type is YamuxType.Ping or YamuxType.GoAway;
        if (source[0] != 0 || header.Type > YamuxType.GoAway || (header.Flags & ~Known) != YamuxFlags.None || ofSession != (header.Stream == 0))
        {
            throw new InvalidDataException($"Not a yamux header: {Convert.ToHexString(source[..Size])}.");
        }

        return header;
    }
}
