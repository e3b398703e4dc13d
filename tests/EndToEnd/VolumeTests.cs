namespace ToolRuntime.Tests.EndToEnd;

/// <summary>Volumes as a user has them: from the terminal, in sandboxes, in MCP servers, and after a crash.</summary>
[Collection(SandboxInstanceTests.Name)]
public sealed class VolumeTests(RunningInstance instance)
{
    [Fact]
    public async Task AVolumeIsMadeFilledSharedAndRemoved()
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-volume-");
        await File.WriteAllTextAsync(Path.Combine(folder.CreateSubdirectory("in").FullName, "a.txt"), "from here");
        Assert.Equal("cli\n", await DoneAsync("volume", "create", "cli", "--quota", "64"));
        await DoneAsync("volume", "cp", Path.Combine(folder.FullName, "in"), "cli:/in");
        var id = (await DoneAsync("sandbox", "create", "--volume", "cli:/data")).Trim();
        Assert.Equal("from here\n", await DoneAsync("sandbox", "exec", id, "--", "sh", "-c", "cat /data/in/a.txt; echo; echo inside > /data/in/b.txt"));
        Assert.Contains(id, await DoneAsync("volume", "info", "cli"), StringComparison.Ordinal);
        Assert.Contains("64 MiB", await DoneAsync("volume", "list"), StringComparison.Ordinal);
        await DoneAsync("volume", "cp", "cli:/in", Path.Combine(folder.FullName, "out"));
        Assert.Equal("inside\n", await File.ReadAllTextAsync(Path.Combine(folder.FullName, "out", "b.txt")));
        Assert.Equal("from here", (await DoneAsync("volume", "cp", "cli:/in/a.txt", "-")).TrimEnd('\n'));

        var refused = await RunAsync("volume", "rm", "cli");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(id, refused.ToString(), StringComparison.Ordinal);
        await DoneAsync("sandbox", "rm", id);
        await DoneAsync("volume", "rm", "cli");
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task WhatAnMcpServerWritesIntoItsVolumeLasts()
    {
        await DoneAsync("volume", "create", "served", "--quota", "64");
        await DoneAsync("mcp", "add", "vfiles", "--volume", "served:/data", "--isolation", "call", "--", "npx", "-y", "@modelcontextprotocol/server-filesystem@2026.8.31", "/data");
        await DoneAsync("call", "vfiles_write_file", """{"path":"/data/note.txt","content":"kept by the server"}""");
        Assert.Contains("kept by the server", await DoneAsync("call", "vfiles_read_text_file", """{"path":"/data/note.txt"}"""), StringComparison.Ordinal);
        Assert.Equal("kept by the server", (await DoneAsync("volume", "cp", "served:/note.txt", "-")).TrimEnd('\n'));
    }

    [Fact]
    public async Task AnUnknownVolumeIsNamed()
    {
        var refused = await RunAsync("sandbox", "create", "--volume", "nothing-of-that-name:/data");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("there is no volume 'nothing-of-that-name'", refused.ToString(), StringComparison.Ordinal);
    }

    private async Task<string> DoneAsync(params string[] words)
    {
        var ran = await RunAsync(words);
        Assert.True(ran.ExitCode == 0, ran.ToString());
        return ran.Output;
    }

    /// <summary>What stands after -- is the sandbox's or server's: the instance must be named before.</summary>
    private Task<CommandResult> RunAsync(params string[] words) => CommandResult.OfAsync(Path.Combine(Toolrt.Root, "toolrt"), ["--data", instance.Data, .. words]);
}
