using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

public sealed class FileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task WhatIsWrittenIsReadAndOwnedByTheUser()
    {
        await using var agent = await AgentOnHost.StartAsync();
        var content = new byte[5_000_000];
        new Random(2).NextBytes(content);

        await agent.Client.WriteFileAsync($"{_folder}/f", content, AgentOnHost.Within());

        Assert.Equal(content, await agent.Client.ReadFileAsync($"{_folder}/f", content.Length, AgentOnHost.Within()));
        var entry = await agent.Client.StatFileAsync($"{_folder}/f", AgentOnHost.Within());
        Assert.Equal(("f", "file", 5_000_000L, 1000), (entry.Name, entry.Type, entry.Size, entry.Uid));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await agent.Client.ReadFileAsync($"{_folder}/f", 4_999_999, AgentOnHost.Within()));
    }

    [Fact]
    public async Task APartIsReadFromItsOffset()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await agent.Client.WriteFileAsync($"{_folder}/f", "0123456789"u8.ToArray(), AgentOnHost.Within());

        await using var part = await agent.Client.ReadFileAsync($"{_folder}/f", offset: 3, length: 4, AgentOnHost.Within());
        using var reader = new StreamReader(part);

        Assert.Equal("3456", await reader.ReadToEndAsync(AgentOnHost.Within()));
    }

    [Fact]
    public async Task FoldersAreMadeListedRenamedAndRemoved()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await agent.Client.MakeFolderAsync($"{_folder}/a/b", recursive: true, AgentOnHost.Within());
        await agent.Client.MakeFolderAsync($"{_folder}/a/b", recursive: true, AgentOnHost.Within());
        await agent.Client.WriteFileAsync($"{_folder}/a/b/f", new byte[3], AgentOnHost.Within());
        File.CreateSymbolicLink($"{_folder}/a/link", "b/f");

        var entries = await agent.Client.ListFilesAsync($"{_folder}/a", recursive: true, AgentOnHost.Within());
        Assert.Equal(
            [("b", "folder", null), ("b/f", "file", null), ("link", "link", $"{_folder}/a/b/f")],
            entries.Select(entry => (entry.Name, entry.Type, entry.Target)));

        await agent.Client.RenameFileAsync($"{_folder}/a", $"{_folder}/c", AgentOnHost.Within());
        await Assert.ThrowsAsync<AgentException>(async () => await agent.Client.RemoveFileAsync($"{_folder}/c", recursive: false, AgentOnHost.Within()));
        await agent.Client.RemoveFileAsync($"{_folder}/c", recursive: true, AgentOnHost.Within());
        Assert.Empty(await agent.Client.ListFilesAsync(_folder, recursive: false, AgentOnHost.Within()));
    }

    [Fact]
    public async Task RefusalsSayWhatIsWrong()
    {
        await using var agent = await AgentOnHost.StartAsync();

        var missing = await Assert.ThrowsAsync<AgentException>(async () => await agent.Client.ReadFileAsync($"{_folder}/no", 10, AgentOnHost.Within()));
        var relative = await Assert.ThrowsAsync<AgentException>(async () => await agent.Client.StatFileAsync("etc/passwd", AgentOnHost.Within()));
        var folder = await Assert.ThrowsAsync<AgentException>(async () => await agent.Client.ReadFileAsync(_folder, 10, AgentOnHost.Within()));

        Assert.Equal(AgentErrorCode.NotFound, missing.Code);
        Assert.Contains("absolute path", relative.Message, StringComparison.Ordinal);
        Assert.Contains("fs.list", folder.Message, StringComparison.Ordinal);
    }
}
