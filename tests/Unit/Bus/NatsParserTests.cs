using System.Text;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Tests.Unit.Bus;

public sealed class NatsParserTests
{
    private const int MaximumPayload = 1024;
    private const string Transcript =
        "INFO {\"max_payload\":9}\r\nPING\r\nMSG a.b 1 5\r\nhel\r\n\r\nMSG a 22 re.ply 0\r\n\r\nHMSG x 3 12 15\r\nNATS/1.0\r\n\r\nabc\r\n+OK\r\n-ERR 'Some Error'\r\nHMSG x 3 r 16 16\r\nNATS/1.0 503\r\n\r\n\r\nPONG\r\n";

    [Fact]
    public void FramesMayBeCutAnywhere()
    {
        var bytes = Encoding.UTF8.GetBytes(Transcript);
        var whole = Read([bytes]);
        Assert.Equal(8, whole.Count);
        Assert.Equal("MSG 1 a.b  | |hel\r\n", whole[2]);
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            Assert.Equal(whole, Read([bytes[..cut], bytes[cut..]]));
        }

        Assert.Equal(whole, Read(bytes.Select(b => (byte[])[b])));
    }

    [Theory]
    [InlineData("MSG a 1 -5\r\n")]
    [InlineData("MSG a 1 1025\r\n")]
    [InlineData("MSG a 1 99999999999999999999\r\n")]
    [InlineData("HMSG a 1 20 10\r\n")]
    [InlineData("HMSG a 1 10\r\n")]
    [InlineData("MSG a\r\n")]
    [InlineData("MSG a 1 r s 3\r\n")]
    [InlineData("MSG a x 3\r\n")]
    [InlineData("MSG a 1 1\r\nab\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    [InlineData("PING\n")]
    public void WhatIsNotTheProtocolIsRefused(string text) =>
        Assert.Throws<NatsProtocolViolationException>(() => Read([Encoding.UTF8.GetBytes(text)]));

    [Fact]
    public void AControlLineHasABound() =>
        Assert.Throws<NatsProtocolViolationException>(() => Read([new byte[NatsParser.MaximumLine + 1]]));

    [Fact]
    public void AnyBytesAreReadOrRefused()
    {
        string[] parts = ["MSG ", "HMSG ", "PING\r\n", "a ", "1 ", "-1 ", "3\r\n", "12 15\r\n", "abc\r\n", "NATS/1.0\r\n\r\n", "INFO {}\r\n", "\r", "\n", " ", "\0", "9999999999 "];
        var pieces = Gen.Elements(parts).ListOf().Select(list => string.Concat(list));
        Prop.ForAll(pieces.ToArbitrary(), text => !Throws(text, cut: 1) || Throws(text, cut: text.Length)).QuickCheckThrowOnFailure();
        Prop.ForAll<byte[]>(bytes => Outcome([bytes]) == Outcome(bytes.Select(b => (byte[])[b]))).QuickCheckThrowOnFailure();
    }

    private static bool Throws(string text, int cut) =>
        Outcome(Encoding.UTF8.GetBytes(text).Chunk(Math.Max(1, cut))) == "refused";

    /// <summary>Anything but a protocol violation is a bug and gets out.</summary>
    private static string Outcome(IEnumerable<byte[]> pieces)
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

    private static List<string> Read(IEnumerable<byte[]> pieces)
    {
        var frames = new Frames();
        var parser = new NatsParser(frames, MaximumPayload);
        foreach (var piece in pieces)
        {
            parser.Feed(piece);
        }

        return frames.Seen;
    }

    private sealed class Frames : INatsFrames
    {
        public List<string> Seen { get; } = [];

        public void OnInfo(ReadOnlySpan<byte> json) => Seen.Add("INFO " + Encoding.UTF8.GetString(json));

        public void OnMessage(in NatsFrame frame) => Seen.Add(
            $"MSG {frame.Sid} {Encoding.UTF8.GetString(frame.Subject)} {Encoding.UTF8.GetString(frame.ReplyTo)} |{Encoding.UTF8.GetString(frame.Buffer.AsSpan(0, frame.HeaderLength))} |{Encoding.UTF8.GetString(frame.Buffer.AsSpan(frame.HeaderLength))}");

        public void OnPing() => Seen.Add("PING");

        public void OnPong() => Seen.Add("PONG");

        public void OnError(ReadOnlySpan<byte> text) => Seen.Add("ERR " + Encoding.UTF8.GetString(text));
    }
}
