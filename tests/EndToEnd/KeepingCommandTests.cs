using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>State, mailboxes and what is published on a session's topic, as a user has them in the terminal.</summary>
[Collection(InstanceTests.Name)]
public sealed class KeepingCommandTests(RunningInstance instance)
{
    [Fact]
    public async Task StateIsPutComparedListedAndForgotten()
    {
        var key = $"settings-{Guid.NewGuid():n}";
        var first = (await instance.DoAsync("state", "put", key, """{"theme":"dark"}""", "--ttl", "3600")).Output.Trim();
        var refused = await instance.RunAsync("state", "put", key, "1", "--if-revision", "0");
        var second = (await instance.DoAsync("state", "put", key, """{"theme":"light"}""", "--if-revision", first)).Output.Trim();

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(first, refused.ToString(), StringComparison.Ordinal);
        Assert.Equal("light", (await instance.JsonAsync("state", "get", key)).GetProperty("theme").GetString());
        Assert.Equal(second, (await instance.JsonAsync("state", "list", key)).GetProperty("keys")[0].GetProperty("revision").GetRawText());
        await instance.DoAsync("state", "rm", key);
        Assert.NotEqual(0, (await instance.RunAsync("state", "get", key)).ExitCode);
    }

    [Fact]
    public async Task AMessageIsSentOnceAndTakenOnce()
    {
        var mailbox = $"box-{Guid.NewGuid():n}";
        await instance.DoAsync("mailbox", "send", mailbox, """{"topic":"tea"}""", "--key", "once");
        await instance.DoAsync("mailbox", "send", mailbox, """{"topic":"tea"}""", "--key", "once");
        Assert.Contains(mailbox, (await instance.DoAsync("mailbox", "list")).Output, StringComparison.Ordinal);

        var taken = (await instance.DoAsync("mailbox", "receive", mailbox, "--max", "5")).Output;

        Assert.Single(taken.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("tea", taken, StringComparison.Ordinal);
        Assert.Empty((await instance.DoAsync("mailbox", "receive", mailbox)).Output.Trim());
        var wrong = await instance.RunAsync("mailbox", "send", mailbox, "no json");
        Assert.Contains("not JSON", wrong.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsPublishedOnASessionsTopicIsSeenByWhoFollowsIt()
    {
        var session = Guid.NewGuid().ToString("n");
        await instance.DoAsync("sessions", "publish", session, """{"typing":true}""");

        var followed = await instance.DoAsync("sessions", "follow", session, "--until-end", "--json");

        using var line = JsonDocument.Parse(followed.Output);
        Assert.Equal("message", line.RootElement.GetProperty("event").GetString());
        Assert.True(line.RootElement.GetProperty("data")[0].GetProperty("typing").GetBoolean());
        Assert.NotEqual(0, (await instance.RunAsync("sessions", "publish", session, "no json")).ExitCode);
    }
}
