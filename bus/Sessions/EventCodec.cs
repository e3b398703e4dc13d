using System.Text;

using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Sessions;

/// <summary>The stored form of an event: a letter for its kind, <c>:</c> and the data, or <c>@</c> and the reference of a kept payload.</summary>
internal static class EventCodec
{
    private const string Letters = "SOPLNICDFGM";
    private const byte Inline = (byte)':';
    private const byte Reference = (byte)'@';

    /// <summary>Writes an event with its data.</summary>
    public static byte[] Encode(InvocationEvent value)
    {
        var stored = new byte[value.Data.Length + 2];
        stored[0] = (byte)Letters[(int)value.Kind];
        stored[1] = Inline;
        value.Data.Span.CopyTo(stored.AsSpan(2));
        return stored;
    }

    /// <summary>Writes an event whose data is kept elsewhere.</summary>
    public static byte[] EncodeReference(EventKind kind, string reference) => Encoding.UTF8.GetBytes($"{Letters[(int)kind]}@{reference}");

    /// <summary>Reads an event; the data is a slice of <paramref name="stored"/>, or the reference where there is one.</summary>
    /// <exception cref="InvalidDataException">It is no event.</exception>
    public static (InvocationEvent Event, string? Reference) Decode(ReadOnlyMemory<byte> stored)
    {
        var bytes = stored.Span;
        var kind = bytes.Length < 2 ? -1 : Letters.IndexOf((char)bytes[0], StringComparison.Ordinal);
        if (kind < 0 || bytes[1] is not (Inline or Reference))
        {
            throw new InvalidDataException("a stored event has no kind that we know");
        }

        return bytes[1] == Inline
            ? (new InvocationEvent((EventKind)kind, stored[2..]), null)
            : (new InvocationEvent((EventKind)kind, default), Encoding.UTF8.GetString(bytes[2..]));
    }
}
