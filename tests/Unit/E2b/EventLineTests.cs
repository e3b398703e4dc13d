using System.Buffers;
using System.Text;
using System.Text.Json;

using ToolRuntime.E2b.Interpreter;

namespace ToolRuntime.Tests.Unit.E2b;

/// <summary>Events as lines that E2B's SDKs read.</summary>
public sealed class EventLineTests
{
    private static readonly DateTimeOffset s_now = new(2026, 12, 1, 1, 2, 3, TimeSpan.Zero);

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("a\u00e9\u4f60\ud83d\ude42z\u2028\u0085")]
    [InlineData("\ud83d\ude42")]
    public void AllOfItIsAsciiAndSaysTheSame(string text)
    {
        var line = Line($$"""{"type":"result","text":"{{text}}"}""");
        Assert.True(Ascii.IsValid(line));
        Assert.EndsWith("\n", line, StringComparison.Ordinal);
        Assert.Equal(text, JsonElement.Parse(line).GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("stdout", true)]
    [InlineData("stderr", true)]
    [InlineData("result", false)]
    public void WhatWasPrintedHasItsTime(string type, bool hasTime)
    {
        var read = JsonElement.Parse(Line($$"""{"type":"{{type}}","text":"\u00e9"}"""));
        Assert.Equal(hasTime ? "2026-12-01T01:02:03.000000Z" : null, read.TryGetProperty("timestamp", out var time) ? time.GetString() : null);
        Assert.Equal("\u00e9", read.GetProperty("text").GetString());
    }

    private static string Line(string happened)
    {
        var output = new ArrayBufferWriter<byte>();
        EventLine.Write(output, Encoding.UTF8.GetBytes(happened), s_now);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
