using System.Buffers.Binary;

namespace ToolRuntime.Sandbox.Protocol;

/// <summary>The agent's answer to <see cref="Hello"/>.</summary>
/// <param name="Epoch">The epoch of the HELLO that it answers.</param>
/// <param name="ProcessId">The agent's process id in the sandbox.</param>
public readonly record struct Welcome(ulong Epoch, uint ProcessId)
{
    /// <summary>Its length, bytes.</summary>
    public const int Length = 32;

    private static ReadOnlySpan<byte> Magic => "TRTW"u8;

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> destination)
    {
        destination[..Length].Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], ChannelHandshake.Version);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], ProcessId);
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is no WELCOME, or of another version.</exception>
    public static Welcome Read(ReadOnlySpan<byte> source)
    {
        if (!source.StartsWith(Magic))
        {
            throw new InvalidDataException("The other end of the channel is no agent: it does not begin with WELCOME.");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        if (version != ChannelHandshake.Version)
        {
            throw new InvalidDataException($"The agent speaks channel version {version}, this host {ChannelHandshake.Version}: publish the agent again.");
        }

        return new Welcome(BinaryPrimitives.ReadUInt64LittleEndian(source[8..]), BinaryPrimitives.ReadUInt32LittleEndian(source[16..]));
    }
}
