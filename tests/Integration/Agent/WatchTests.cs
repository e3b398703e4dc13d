using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

/// <summary>What changes in a folder is told, on this machine's kernel and on gVisor's.</summary>
public sealed class WatchTests : IDisposable
{
    private const string End = "the-end";
    private readonly string _folder = $"/tmp/toolrt-watch-{Guid.NewGuid():N}";
    private int _folders;

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EveryChangeIsTold(bool sandboxed)
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed);

        Assert.Equal(["create a", "write a"], await EventsAsync(agent, "echo x > a"));
        Assert.Equal(["write a"], await EventsAsync(agent, "echo y >> a", "echo x > a"));
        Assert.Equal(["chmod a"], await EventsAsync(agent, "chmod 600 a", "touch a"));
        Assert.Equal(["rename a", "create b"], await EventsAsync(agent, "mv a b", "touch a"));
        Assert.Equal(["remove a"], await EventsAsync(agent, "rm a", "touch a"));
        Assert.Equal(["create d"], await EventsAsync(agent, "mkdir d; touch d/not-watched"));
        Assert.Equal(["remove d"], await EventsAsync(agent, "rmdir d", "mkdir d"));
        Assert.Equal(["rename a"], await EventsAsync(agent, "mv a ../out", "touch a"));
        Assert.Equal(["create in"], await EventsAsync(agent, "mv ../out in", "touch ../out"));
        Assert.Equal(["create l"], await EventsAsync(agent, "ln -s a l"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ARecursiveWatchCoversWhatComes(bool sandboxed)
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed);

        Assert.Equal(["create d/e/f", "write d/e/f"], await EventsAsync(agent, "echo x > d/e/f", "mkdir -p d/e", recursive: true));
        Assert.Equal(["create a", "create a/b", "create a/b/c"], await EventsAsync(agent, "mkdir -p a/b/c", recursive: true));
        var slow = await EventsAsync(agent, "mkdir a; until [ -e ../seen ]; do :; done; echo x > a/f", recursive: true, until: "create a", then: "touch ../seen");
        Assert.Equal(["create a", "create a/f", "write a/f"], slow);
        Assert.Equal(["rename d", "create moved", "create moved/e/f"], await EventsAsync(agent, "mv d moved; until [ -e ../seen ]; do :; done; : > moved/e/f", "mkdir -p d/e", recursive: true, until: "create moved", then: "touch ../seen"));
        Assert.Equal(["rename d"], await EventsAsync(agent, "mv d ../gone; touch ../gone/unseen", "mkdir d", recursive: true));
        Assert.Equal(["remove d/e", "remove d"], await EventsAsync(agent, "rm -r d", "mkdir -p d/e", recursive: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EntriesComeWithWhatStands(bool sandboxed)
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed);
        var folder = await FolderAsync(agent, "");
        await using var stream = await WatchAsync(agent, new AgentRequest { Op = "", Path = folder, Entries = true });

        await RunAsync(agent, folder, "mkdir d; chmod 700 d; rmdir d; touch the-end");
        var events = await ReadAsync(stream);

        Assert.All(events, change => Assert.True(change.Type != "remove" || change.Entry is null));
        var last = await AgentExchange.ReadEventAsync(await TouchedAsync(agent, folder, stream), AgentOnHost.Within());
        Assert.Equal(("last", "file", $"{folder}/last", 1000), (last!.Entry!.Name, last.Entry.Type, last.Entry.Path, last.Entry.Uid));
    }

    [Fact]
    public async Task WhatCannotBeWatchedIsRefusedAndTheEndOfTheStreamEndsTheWatch()
    {
        await using var agent = await AgentAnywhere.StartAsync(sandboxed: false);
        var folder = await FolderAsync(agent, "touch f");

        Assert.Equal(AgentErrorCode.NotFound, await agent.CodeAsync(new AgentRequest { Op = AgentOperation.FileWatch, Path = folder + "/no" }));
        Assert.Equal(AgentErrorCode.NotFolder, await agent.CodeAsync(new AgentRequest { Op = AgentOperation.FileWatch, Path = folder + "/f" }));
        await using var stream = await WatchAsync(agent, new AgentRequest { Op = "", Path = folder });
        AgentClient.EndWriting(stream);
        Assert.Null(await AgentExchange.ReadEventAsync(stream, AgentOnHost.Within()));
    }

    private async Task<List<string>> EventsAsync(AgentAnywhere agent, string script, string before = "", bool recursive = false, string? until = null, string then = "")
    {
        var folder = await FolderAsync(agent, before);
        await using var stream = await WatchAsync(agent, new AgentRequest { Op = "", Path = folder, Recursive = recursive });
        var run = RunAsync(agent, folder, $"{script}; touch {End}");
        List<string> events = [];
        while (await NextAsync(stream) is { } change)
        {
            events.Add(change);
            if (change == until)
            {
                await RunAsync(agent, folder, then);
            }
        }

        await run;
        return events;
    }

    private static async Task<List<AgentFileEvent>> ReadAsync(Stream stream)
    {
        List<AgentFileEvent> events = [];
        while (await AgentExchange.ReadEventAsync(stream, AgentOnHost.Within()) is { } change && change.Name != End)
        {
            events.Add(change);
        }

        return events;
    }

    private static async Task<string?> NextAsync(Stream stream) =>
        await AgentExchange.ReadEventAsync(stream, AgentOnHost.Within()) is { } change && change.Name != End ? $"{change.Type} {change.Name}" : null;

    /// <summary>Touching tells of the times too, on one kernel before and on the other behind: only the first event counts.</summary>
    private static async Task<Stream> TouchedAsync(AgentAnywhere agent, string folder, Stream stream)
    {
        await RunAsync(agent, folder, "mkdir tmp");
        while (await AgentExchange.ReadEventAsync(stream, AgentOnHost.Within()) is { Name: not "tmp" })
        {
            // What is left of the end's own events.
        }

        await RunAsync(agent, folder, ": > last");
        return stream;
    }

    private static async Task<Stream> WatchAsync(AgentAnywhere agent, AgentRequest request)
    {
        var stream = agent.Client.NewStream();
        await AgentExchange.OpenAsync(stream, request with { Op = AgentOperation.FileWatch }, AgentOnHost.Within());
        return stream;
    }

    private async Task<string> FolderAsync(AgentAnywhere agent, string before)
    {
        var folder = $"{_folder}/{++_folders}/in";
        await agent.Client.MakeFolderAsync(folder, recursive: true, AgentOnHost.Within());
        await RunAsync(agent, folder, before);
        return folder;
    }

    private static async Task RunAsync(AgentAnywhere agent, string folder, string script)
    {
        await using var process = await agent.Client.SpawnAsync(AgentOnHost.Bash(script) with { WorkingDirectory = folder }, AgentOnHost.Within());
        var (_, error, exit) = await AgentOnHost.ReadToEndAsync(process);
        Assert.Equal(("", 0), (error, exit.ExitCode));
    }
}
