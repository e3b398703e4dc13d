using System.Buffers;
using System.Globalization;
using System.Text;

namespace ToolRuntime.E2b.Interpreter;

/// <summary>
/// A kernel's event as a line for E2B's SDKs. All of it is ASCII: the JavaScript SDK decodes each piece that comes from the network alone, and the Python SDK ends a
/// line at whatever Unicode calls a line's end. What was printed has its time, which the Python SDK reads.
/// </summary>
internal static class EventLine
{
    private const int EscapeLength = 6;

    /// <summary>Writes one event and the end of its line.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="happened">The event: one JSON object whose first member is its type.</param>
    /// <param name="now">When it came.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> happened, DateTimeOffset now)
    {
        if (happened.StartsWith("{\"type\":\"stdout\""u8) || happened.StartsWith("{\"type\":\"stderr\""u8))
        {
            WriteAscii(output, happened[..^1]);
            output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $",\"timestamp\":\"{now.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffffZ}\"}}\n")));
            return;
        }

        WriteAscii(output, happened);
        output.Write("\n"u8);
    }

    private static void WriteAscii(IBufferWriter<byte> output, ReadOnlySpan<byte> json)
    {
        while (!json.IsEmpty)
        {
            var plain = json.IndexOfAnyInRange((byte)0x80, (byte)0xFF);
            output.Write(plain < 0 ? json : json[..plain]);
            json = plain < 0 ? default : WriteEscapes(output, json[plain..]);
        }
    }

    /// <summary>Writes the characters up to the next ASCII one; what is left.</summary>
    private static ReadOnlySpan<byte> WriteEscapes(IBufferWriter<byte> output, ReadOnlySpan<byte> json)
    {
        Span<char> units = stackalloc char[2];
        while (!json.IsEmpty && json[0] >= 0x80)
        {
            Rune.DecodeFromUtf8(json, out var rune, out var used);
            json = json[used..];
            foreach (var unit in units[..rune.EncodeToUtf16(units)])
            {
                Escape(output.GetSpan(EscapeLength), unit);
                output.Advance(EscapeLength);
            }
        }

        return json;
    }

    private static void Escape(Span<byte> to, char unit)
    {
        "\\u"u8.CopyTo(to);
        ((int)unit).TryFormat(to[2..], out _, "x4", CultureInfo.InvariantCulture);
    }
}
