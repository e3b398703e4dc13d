using System.Buffers.Text;
using System.Text;

namespace ToolRuntime.Bus.Nats;

/// <summary>
/// A header block as it stands on the wire; read in place, built by adding. Names are matched exactly, as JetStream does. Any client of the server may
/// publish any bytes as headers, so a block that is not NATS/1.0 says nothing, and does not end the connection.
/// </summary>
internal readonly struct NatsHeaders
{
    private static readonly byte[] _empty = "NATS/1.0\r\n\r\n"u8.ToArray();

    /// <summary>Wraps a block that came from the server, its last empty line included.</summary>
    public NatsHeaders(ReadOnlyMemory<byte> block) => Block = block;

    /// <summary>The bytes, empty where there are no headers.</summary>
    public ReadOnlyMemory<byte> Block { get; }

    /// <summary>The status code of the first line, or 0.</summary>
    public int Code
    {
        get
        {
            var line = Block.Span;
            return line.Length > 12 && line.StartsWith("NATS/1.0 "u8) && Utf8Parser.TryParse(line[9..12], out int code, out var used) && used == 3 ? code : 0;
        }
    }

    /// <summary>The text after the status code, or empty.</summary>
    public string Description
    {
        get
        {
            var line = Block.Span;
            var end = line.IndexOf("\r\n"u8);
            return end > 13 && Code > 0 ? Encoding.UTF8.GetString(line[13..end]) : "";
        }
    }

    /// <summary>A block with one more header.</summary>
    /// <exception cref="ArgumentException">Name or value has a line end, or the name a colon.</exception>
    public NatsHeaders With(string name, string value)
    {
        if (name.AsSpan().IndexOfAny(":\r\n ") >= 0 || value.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            throw new ArgumentException($"header {name} has a line end, or its name a blank or colon", nameof(name));
        }

        var old = Block.IsEmpty ? _empty : Block.Span;
        var block = new byte[old.Length + Encoding.UTF8.GetByteCount(name) + 2 + Encoding.UTF8.GetByteCount(value) + 2];
        var at = old.Length - 2;
        old[..at].CopyTo(block);
        at += Encoding.UTF8.GetBytes(name, block.AsSpan(at));
        ": "u8.CopyTo(block.AsSpan(at));
        at += 2;
        at += Encoding.UTF8.GetBytes(value, block.AsSpan(at));
        "\r\n\r\n"u8.CopyTo(block.AsSpan(at));
        return new NatsHeaders(block);
    }

    /// <summary>The first value of <paramref name="name"/>, or null.</summary>
    public string? this[ReadOnlySpan<byte> name] => TryFind(name, out var value) ? Encoding.UTF8.GetString(value) : null;

    /// <summary>Reads a number, without allocating.</summary>
    public bool TryGetNumber(ReadOnlySpan<byte> name, out ulong number)
    {
        number = 0;
        return TryFind(name, out var value) && Utf8Parser.TryParse(value, out number, out var used) && used == value.Length;
    }

    /// <summary>Finds the first value of <paramref name="name"/>, blanks around it left out.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var rest = Block.Span;
        var end = rest.StartsWith("NATS/1.0"u8) ? rest.IndexOf("\r\n"u8) : -1;
        while (end >= 0)
        {
            rest = rest[(end + 2)..];
            end = rest.IndexOf("\r\n"u8);
            if (end > name.Length && rest[name.Length] == ':' && rest[..name.Length].SequenceEqual(name))
            {
                value = rest[(name.Length + 1)..end].Trim((byte)' ');
                return true;
            }
        }

        value = default;
        return false;
    }
}
