using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

/// <summary>Files where they live: the file systems of gVisor.</summary>
public sealed class SandboxFileTests
{
    [Fact]
    public async Task AttributesStandOnTheSandboxesDisks()
    {
        await using var agent = await AgentInSandbox.StartAsync();
        var wanted = new Dictionary<string, string> { ["content-kind"] = "text" };

        await FolderTests.WriteAsync(agent.Client, new AgentRequest { Op = AgentOperation.FileWrite, Path = "/tmp/a/f", Parents = true, Attributes = wanted }, "x");

        Assert.Equal(wanted, (await agent.Client.StatFileAsync("/tmp/a/f", AgentOnHost.Within())).Attributes);
    }

    [Fact]
    public async Task AFolderMovesFromOneFileSystemToAnotherAsItIs()
    {
        await using var agent = await AgentInSandbox.StartAsync();
        var made = await agent.Client.SpawnAsync(
            AgentOnHost.Bash("mkdir -p /tmp/m/sub && echo hi > /tmp/m/sub/f && chmod 640 /tmp/m/sub/f && touch -d 2001-02-03 /tmp/m/sub/f /tmp/m/sub && ln -s sub/f /tmp/m/link"), AgentOnHost.Within());
        Assert.Equal(0, (await AgentOnHost.ReadToEndAsync(made)).Exit.ExitCode);
        var before = await ListAsync(agent.Client, "/tmp/m");

        await agent.Client.RenameFileAsync("/tmp/m", "/run/moved", AgentOnHost.Within());

        Assert.Equal(before, await ListAsync(agent.Client, "/run/moved"));
        Assert.Equal("hi\n"u8.ToArray(), await agent.Client.ReadFileAsync("/run/moved/link", 10, AgentOnHost.Within()));
        await Assert.ThrowsAsync<AgentException>(async () => await agent.Client.StatFileAsync("/tmp/m", AgentOnHost.Within()));
    }

    private static async Task<List<(string, string, int, int, long)>> ListAsync(AgentClient client, string path) =>
        [.. (await client.ListFilesAsync(path, recursive: true, AgentOnHost.Within()))
            .Select(entry => (entry.Name, entry.Type, entry.Mode, entry.Uid, entry.Type == "link" ? 0 : entry.ModifiedNs))];
}
