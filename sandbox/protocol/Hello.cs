using System.Buffers.Binary;

namespace ToolRuntime.Sandbox.Protocol;

/// <summary>The first message on a channel, host to agent.</summary>
/// <param name="Epoch">Counts starts and restores of one sandbox; higher than every one before.</param>
/// <param name="WallClock">Nanoseconds since 1970.</param>
/// <param name="MaximumStreams">Most streams open at once.</param>
/// <param name="StreamWindow">Receive window of each stream at both ends, bytes; at least <see cref="Yamux.InitialWindow"/>.</param>
public readonly record struct Hello(ulong Epoch, long WallClock, uint MaximumStreams, uint StreamWindow)
{
    /// <summary>Its length, bytes.</summary>
    public const int Length = 80;

    private const int RandomOffset = 24;

    private static ReadOnlySpan<byte> Magic => "TRT1"u8;

    /// <summary>Writes it with 32 bytes of <paramref name="random"/>.</summary>
    public void Write(Span<byte> destination, ReadOnlySpan<byte> random)
    {
        destination[..Length].Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], ChannelHandshake.Version);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], WallClock);
        random[..32].CopyTo(destination[RandomOffset..]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[56..], MaximumStreams);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[60..], StreamWindow);
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is no HELLO, or of another version.</exception>
    public static Hello Read(ReadOnlySpan<byte> source)
    {
        if (!source.StartsWith(Magic))
        {
            throw new InvalidDataException("The channel does not begin with HELLO.");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        if (version != ChannelHandshake.Version)
        {
            throw new InvalidDataException($"The host speaks channel version {version}, this agent {ChannelHandshake.Version}: deploy both from one build.");
        }

        return new Hello(
            BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[56..]),
            Math.Max(Yamux.InitialWindow, BinaryPrimitives.ReadUInt32LittleEndian(source[60..])));
    }
}
