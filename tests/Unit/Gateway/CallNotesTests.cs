using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Tests.Unit.Gateway;

/// <summary>What precedes a result, as a client hears it.</summary>
public sealed class CallNotesTests
{
    /// <summary>MCP, basic/utilities/progress: the value must increase with each notification.</summary>
    [Fact]
    public void ProgressGrowsWhateverTheFunctionAndTheRuntimeSay()
    {
        (EventKind Kind, string Data)[] said =
        [
            (EventKind.Progress, """{"progress":0,"message":"waiting for a sandbox: position 1"}"""),
            (EventKind.Progress, """{"progress":0,"message":"waiting for a sandbox: position 1"}"""),
            (EventKind.Progress, """{"progress":0,"total":3}"""),
            (EventKind.Progress, """{"progress":1,"total":3}"""),
            (EventKind.Output, """{"value":"a piece"}"""),
            (EventKind.Progress, """{"progress":0.5,"total":3}"""),
            (EventKind.Progress, """{"progress":2.50,"total":3}"""),
        ];

        var heard = Notes(said);

        Assert.Equal(said.Length, heard.Count);
        Assert.All(heard.Zip(heard.Skip(1)), pair => Assert.True(pair.Second.GetProperty("progress").GetDouble() > pair.First.GetProperty("progress").GetDouble(), pair.ToString()));
        Assert.Equal(["0", "1", "2.50"], new[] { heard[0], heard[3], heard[6] }.Select(p => p.GetProperty("progress").GetRawText()));
        Assert.Equal("waiting for a sandbox: position 1", heard[1].GetProperty("message").GetString());
    }

    [Fact]
    public void WhatAServerSaysBesideItsProgressStays()
    {
        var heard = Notes([(EventKind.Progress, """{"progressToken":7,"progress":1.0,"total":null,"message":"half","_meta":{"a":1},"x-more":[1.50]}""")]);

        Assert.Equal("""{"progressToken":"t","progress":1.0,"message":"half","_meta":{"a":1},"x-more":[1.50]}""", heard[0].GetRawText());
    }

    [Fact]
    public void WithoutATokenThereIsNoProgressAndWithoutALevelNoLog()
    {
        using var buffer = new ReplyBuffer();
        var notes = new CallNotes(default, () => null);

        Assert.False(notes.Wanted);
        Assert.All([EventKind.Progress, EventKind.Output, EventKind.Log], kind => Assert.False(notes.TryWrite(buffer, Event(kind, """{"progress":1,"level":"error","text":"x"}"""))));
    }

    private static List<JsonElement> Notes((EventKind Kind, string Data)[] said)
    {
        var notes = new CallNotes("\"t\""u8.ToArray(), () => null);
        List<JsonElement> heard = [];
        foreach (var (kind, data) in said)
        {
            using var buffer = new ReplyBuffer();
            Assert.True(notes.TryWrite(buffer, Event(kind, data)));
            heard.Add(JsonElement.Parse(buffer.Written.Span).GetProperty("params"));
        }

        return heard;
    }

    private static TopicEvent Event(EventKind kind, string data) => new("invocation", 1, new InvocationEvent(kind, Encoding.UTF8.GetBytes(data)));
}
