using System.Text;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Tests.Unit.Bus;

public sealed class NatsParserTests
{
    private const string Transcript =
        "INFO {\"max_payload\":9}\r\nPING\r\nMSG a.b 1 5\r\nhel\r\n\r\nMSG a 22 re.ply 0\r\n\r\nHMSG x 3 12 15\r\nNATS/1.0\r\n\r\nabc\r\n+OK\r\n-ERR 'Some Error'\r\nHMSG x 3 r 16 16\r\nNATS/1.0 503\r\n\r\n\r\nPONG\r\n";

    [Fact]
    public void FramesMayBeCutAnywhere()
    {
        var bytes = Encoding.UTF8.GetBytes(Transcript);
        var whole = FrameReading.Read([bytes]);
        Assert.Equal(8, whole.Count);
        Assert.Equal("MSG 1 a.b  | |hel\r\n", whole[2]);
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            Assert.Equal(whole, FrameReading.Read([bytes[..cut], bytes[cut..]]));
        }

        Assert.Equal(whole, FrameReading.Read(bytes.Select(b => (byte[])[b])));
    }

    [Theory]
    [InlineData("MSG a 1 -5\r\n")]
    [InlineData("MSG a 1 65537\r\n")]
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
        Assert.Throws<NatsProtocolViolationException>(() => FrameReading.Read([Encoding.UTF8.GetBytes(text)]));

    [Fact]
    public void AControlLineHasABound() =>
        Assert.Throws<NatsProtocolViolationException>(() => FrameReading.Read([new byte[NatsParser.MaximumLine + 1]]));

    [Fact]
    public void AnyBytesAreReadOrRefused()
    {
        string[] parts = ["MSG ", "HMSG ", "PING\r\n", "a ", "1 ", "-1 ", "3\r\n", "12 15\r\n", "abc\r\n", "NATS/1.0\r\n\r\n", "INFO {}\r\n", "\r", "\n", " ", "\0", "9999999999 "];
        var pieces = Gen.Elements(parts).ListOf().Select(list => string.Concat(list));
        Prop.ForAll(pieces.ToArbitrary(), text => !Throws(text, cut: 1) || Throws(text, cut: text.Length)).QuickCheckThrowOnFailure();
        Prop.ForAll<byte[]>(bytes => FrameReading.Outcome([bytes]) == FrameReading.Outcome(bytes.Select(b => (byte[])[b]))).QuickCheckThrowOnFailure();
    }

    private static bool Throws(string text, int cut) =>
        FrameReading.Outcome(Encoding.UTF8.GetBytes(text).Chunk(Math.Max(1, cut))) == "refused";
}
