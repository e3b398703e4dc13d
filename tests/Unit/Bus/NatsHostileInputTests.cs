using System.Text;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Tests.Unit.Bus;

/// <summary>What no message server sends: it ends in a violation, however it is cut, and in bounded memory.</summary>
public sealed class NatsHostileInputTests
{
    [Theory]
    [InlineData("HMSG a 1 12 11\r\n")]
    [InlineData("HMSG a 1 -12 20\r\n")]
    [InlineData("HMSG a 1 12 -1\r\n")]
    [InlineData("HMSG a 1 99999999999999999999999 12\r\n")]
    [InlineData("HMSG a 1 12 2147483648\r\n")]
    [InlineData("HMSG a 1 12 4294967308\r\n")]
    [InlineData("MSG a 1 0x10\r\n")]
    [InlineData("MSG a 1 +3\r\nabc\r\n")]
    [InlineData("MSG a 1 3 \r\nabcd\r\n")]
    [InlineData("MSG a -1 3\r\nabc\r\n")]
    [InlineData("MSG a 9223372036854775808 3\r\nabc\r\n")]
    [InlineData("MSG a 1 65537\r\n")]
    [InlineData("MSG a 1 3\r\nabc\n")]
    [InlineData("MSG a 1 3\r\nabc\rX")]
    [InlineData("MSG a 1 3\nabc\r\n")]
    [InlineData("MSG a 1 3\r\nabcMSG a 1 3\r\nabc\r\n")]
    [InlineData("MSG\r\n")]
    [InlineData("MSG a b c d e f g h\r\n")]
    [InlineData("\r\n")]
    [InlineData("ping\r\n")]
    [InlineData("PINGPONG\r\n")]
    public void WhatIsNotTheProtocolIsRefusedHoweverItIsCut(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal("refused", FrameReading.Outcome([bytes]));
        Assert.Equal("refused", FrameReading.Outcome(bytes.Chunk(1)));
    }

    [Theory]
    [InlineData("INFO ")]
    [InlineData("-ERR ")]
    [InlineData("MSG ")]
    [InlineData("\r\r\r")]
    public void ALineWithoutAnEndTakesNoMoreMemoryThanItsBound(string begin)
    {
        var parser = new NatsParser(new FrameReading(), FrameReading.MaximumPayload);
        parser.Feed(Encoding.UTF8.GetBytes(begin));
        var piece = new byte[4096];
        Array.Fill(piece, (byte)'x');
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<NatsProtocolViolationException>(() =>
        {
            for (var sent = 0L; sent < 1L << 30; sent += piece.Length)
            {
                parser.Feed(piece);
            }
        });
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 * NatsParser.MaximumLine);
    }

    [Theory]
    [InlineData("NATS/2.0 503\r\n\r\n")]
    [InlineData("HTTP/1.1 503\r\nNats-Sequence: 7\r\n\r\n")]
    [InlineData("NATS/1.0")]
    [InlineData("x")]
    public void HeadersOfAnotherVersionSayNothing(string block)
    {
        var headers = new NatsHeaders(Encoding.UTF8.GetBytes(block));
        Assert.Equal((0, ""), (headers.Code, headers.Description));
        Assert.Null(headers["Nats-Sequence"u8]);
        Assert.False(headers.TryGetNumber("Nats-Sequence"u8, out _));
    }
}
