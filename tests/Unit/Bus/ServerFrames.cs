using System.Text;

using FsCheck;
using FsCheck.Fluent;

namespace ToolRuntime.Tests.Unit.Bus;

/// <summary>Frames as a server writes them, each beside what must come out of the reader.</summary>
/// <param name="Bytes">On the wire.</param>
/// <param name="Seen">What the reader must say; null where nobody is told.</param>
internal sealed record ServerFrame(byte[] Bytes, string? Seen)
{
    /// <summary>Where the reader begins to receive payloads without a copy; sizes lie on both sides of it.</summary>
    private const int Direct = 16 * 1024;

    /// <summary>One of each kind, with what is found in the field: status frames, repeated headers, empty and large payloads, line ends in payloads.</summary>
    public static IReadOnlyList<ServerFrame> OfEachKind { get; } =
    [
        Line("INFO {\"server_id\":\"A\",\"max_payload\":1048576,\"connect_urls\":[\"10.0.0.1:4222\"]}", "INFO {\"server_id\":\"A\",\"max_payload\":1048576,\"connect_urls\":[\"10.0.0.1:4222\"]}"),
        Line("+OK", null),
        Line("PING", "PING"),
        Line("PONG", "PONG"),
        Line("-ERR 'Permissions Violation for Publish to \"a.b\"'", "ERR Permissions Violation for Publish to \"a.b\""),
        Message("lt.s.0.local.sess.call", 7, "", null, "hello"u8),
        Message("a", 1, "$JS.ACK.INVOKE.C.1.2.3.4.5", null, ""u8),
        Message("a.b", 999_999_999_999_999_999, "re.ply", "NATS/1.0\r\nNats-Msg-Id: x:1\r\nNats-Msg-Id: again\r\n\r\n", "\r\nMSG a 1 3\r\nabc\r\n"u8),
        Message("_INBOX.x.1", 2, "", "NATS/1.0 503\r\n\r\n", ""u8),
        Message("_INBOX.x.2", 2, "", "NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 5\r\n\r\n", ""u8),
        Message("sub.\u00fc", 3, "", "NATS/1.0\r\n\r\n", [0, 13, 10, 255, 13]),
    ];

    /// <summary>Any of them, and messages with any payload.</summary>
    public static Gen<ServerFrame> Any { get; } = Gen.OneOf(
        Gen.Elements<ServerFrame>([.. OfEachKind]),
        from size in Gen.OneOf(Gen.Choose(0, 40), Gen.Elements(Direct - 1, Direct, Direct + 1, 3 * Direct))
        from fill in Gen.Choose(0, 255)
        from headers in Gen.Elements<string?>(null, "NATS/1.0\r\n\r\n", "NATS/1.0 404 Not Found\r\n\r\n", "NATS/1.0\r\nNats-Sequence: 7\r\n\r\n")
        select Message("s.t", 9, fill % 2 == 0 ? "" : "r", headers, Payload(size, fill)));

    /// <summary>A message; <paramref name="headers"/> is its whole block or null.</summary>
    public static ServerFrame Message(string subject, long sid, string replyTo, string? headers, ReadOnlySpan<byte> payload)
    {
        var block = Encoding.UTF8.GetBytes(headers ?? "");
        var numbers = headers is null ? $"{payload.Length}" : $"{block.Length} {block.Length + payload.Length}";
        var line = $"{(headers is null ? "MSG" : "HMSG")} {subject} {sid} {(replyTo.Length > 0 ? replyTo + " " : "")}{numbers}\r\n";
        return new ServerFrame([.. Encoding.UTF8.GetBytes(line), .. block, .. payload, 13, 10], Seeing(subject, sid, replyTo, block, payload));
    }

    /// <summary>How a message that was read is written down.</summary>
    public static string Seeing(string subject, long sid, string replyTo, ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload) =>
        $"MSG {sid} {subject} {replyTo} |{Encoding.Latin1.GetString(headers)} |{Encoding.Latin1.GetString(payload)}";

    private static ServerFrame Line(string line, string? seen) => new(Encoding.UTF8.GetBytes(line + "\r\n"), seen);

    /// <summary>Bytes that look like line ends and frames now and then.</summary>
    private static byte[] Payload(int size, int fill)
    {
        var bytes = new byte[size];
        for (var i = 0; i < size; i++)
        {
            bytes[i] = (byte)(i % 7 == 0 ? '\r' : i % 7 == 1 ? '\n' : fill);
        }

        return bytes;
    }
}
