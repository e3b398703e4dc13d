using System.Buffers.Binary;
using System.Text;

namespace ToolRuntime.Runtime.Egress.Tls;

/// <summary>What the first bytes of a TLS connection say (RFC 8446, section 4.1.2; RFC 6066, section 3): the name of the server.</summary>
internal static class ClientHello
{
    /// <summary>Most bytes that are gathered for one; more than any program sends.</summary>
    public const int Largest = 32 * 1024;

    /// <summary>The first byte of every TLS connection.</summary>
    public const byte Handshake = 22;

    private const int RecordHeader = 5;
    private const int LargestRecord = 16 * 1024;

    /// <summary>Reads it as far as it has come.</summary>
    /// <param name="bytes">The first bytes.</param>
    /// <param name="serverName">The name; null where it has none.</param>
    /// <returns>True when it is whole; false when more is needed.</returns>
    /// <exception cref="EgressFailedException">It is none.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out string? serverName)
    {
        serverName = null;
        var message = new byte[Math.Max(0, bytes.Length)];
        var length = 0;
        while (bytes.Length >= RecordHeader)
        {
            var size = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
            if (bytes[0] != Handshake || bytes[1] != 3 || size is 0 or > LargestRecord)
            {
                throw Bad();
            }

            var part = bytes[RecordHeader..];
            part = part[..Math.Min(size, part.Length)];
            part.CopyTo(message.AsSpan(length));
            length += part.Length;
            if (IsWhole(message.AsSpan(0, length), out var end))
            {
                serverName = NameIn(message.AsSpan(4, end - 4));
                return true;
            }

            if (part.Length < size)
            {
                return false;
            }

            bytes = bytes[(RecordHeader + size)..];
        }

        return bytes.Length > 0 && bytes[0] != Handshake ? throw Bad() : false;
    }

    private static bool IsWhole(ReadOnlySpan<byte> message, out int end)
    {
        end = 0;
        if (message.Length > 0 && message[0] != 1)
        {
            throw Bad();
        }

        if (message.Length < 4)
        {
            return false;
        }

        end = 4 + ((message[1] << 16) | (message[2] << 8) | message[3]);
        return end <= Largest ? message.Length >= end : throw Bad();
    }

    private static string? NameIn(ReadOnlySpan<byte> hello)
    {
        // Version, random; then session, ciphers and compressions, each with its length before it.
        var rest = Skip(hello, 2 + 32);
        rest = Skip(rest, 1 + Byte(rest));
        rest = Skip(rest, 2 + Short(rest));
        rest = Skip(rest, 1 + Byte(rest));
        if (rest.IsEmpty)
        {
            return null;
        }

        var extensions = Taken(rest, 2, Short(rest));
        string? name = null;
        while (!extensions.IsEmpty)
        {
            var type = Short(extensions);
            extensions = Skip(extensions, 2);
            var body = Taken(extensions, 2, Short(extensions));
            extensions = Skip(extensions, 2 + body.Length);
            if (type == 0)
            {
                // Two of them would be two names: servers differ in which they take.
                name = name is null ? NameOf(body) : throw Bad();
            }
        }

        return name;
    }

    private static string NameOf(ReadOnlySpan<byte> body)
    {
        var list = Taken(body, 2, Short(body));
        if (list.Length + 2 != body.Length || Byte(list) != 0)
        {
            throw Bad();
        }

        list = list[1..];
        var name = Taken(list, 2, Short(list));
        return name.IsEmpty || name.Length + 2 != list.Length || name.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e) ? throw Bad() : Encoding.ASCII.GetString(name);
    }

    private static int Byte(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? throw Bad() : bytes[0];

    private static int Short(ReadOnlySpan<byte> bytes) => bytes.Length < 2 ? throw Bad() : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> bytes, int count) => count <= bytes.Length ? bytes[count..] : throw Bad();

    private static ReadOnlySpan<byte> Taken(ReadOnlySpan<byte> bytes, int from, int count) => from + count <= bytes.Length ? bytes.Slice(from, count) : throw Bad();

    private static EgressFailedException Bad() => new("the connection begins like TLS and is none that is understood") { Status = 400 };
}
