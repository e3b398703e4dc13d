using System.Text;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Tests.Unit.Bus;

/// <summary>Writes down what a reader reads.</summary>
internal sealed class FrameReading : INatsFrames
{
    /// <summary>Longest message that is taken here.</summary>
    public const int MaximumPayload = 64 * 1024;

    private readonly List<string> _seen = [];

    /// <summary>Reads as the connection's reading thread does it: the rest of a large payload is received in place.</summary>
    public static List<string> Read(IEnumerable<byte[]> pieces)
    {
        var reading = new FrameReading();
        var parser = new NatsParser(reading, MaximumPayload);
        foreach (var piece in pieces)
        {
            for (var rest = piece.AsSpan(); !rest.IsEmpty;)
            {
                rest = rest[Take(parser, rest)..];
            }
        }

        return reading._seen;
    }

    /// <summary>What was read as one text, or "refused". Anything but a protocol violation is a bug and gets out.</summary>
    public static string Outcome(IEnumerable<byte[]> pieces)
    {
        try
        {
            return string.Join('\n', Read(pieces));
        }
        catch (NatsProtocolViolationException)
        {
            return "refused";
        }
    }

    public void OnInfo(ReadOnlySpan<byte> json) => _seen.Add("INFO " + Encoding.UTF8.GetString(json));

    public void OnMessage(in NatsFrame frame) => _seen.Add(ServerFrame.Seeing(
        Encoding.UTF8.GetString(frame.Subject), frame.Sid, Encoding.UTF8.GetString(frame.ReplyTo), frame.Buffer.AsSpan(0, frame.HeaderLength), frame.Buffer.AsSpan(frame.HeaderLength)));

    public void OnPing() => _seen.Add("PING");

    public void OnPong() => _seen.Add("PONG");

    public void OnError(ReadOnlySpan<byte> text) => _seen.Add("ERR " + Encoding.UTF8.GetString(text));

    private static int Take(NatsParser parser, ReadOnlySpan<byte> bytes)
    {
        var direct = parser.DirectTarget.Span;
        if (direct.IsEmpty)
        {
            parser.Feed(bytes);
            return bytes.Length;
        }

        var part = Math.Min(direct.Length, bytes.Length);
        bytes[..part].CopyTo(direct);
        parser.Received(part);
        return part;
    }
}
