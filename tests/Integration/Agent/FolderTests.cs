using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

/// <summary>What a code sandbox's file interface is made of.</summary>
public sealed class FolderTests : IDisposable
{
    private static readonly AgentUser s_root = new(0, 0);
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-folders-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AListIsDepthFirstByNameAndAsDeepAsAsked()
    {
        await using var agent = await AgentOnHost.StartAsync();
        foreach (var file in new[] { "b/x/deep", "b/y", "a", "b-c", "c" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName($"{_folder}/{file}")!);
            await File.WriteAllTextAsync($"{_folder}/{file}", "");
        }

        async Task<string> ListAsync(AgentRequest request) =>
            string.Join(' ', (await agent.Client.AskAsync(request with { Op = AgentOperation.FileList, Path = _folder + "/" }, AgentOnHost.Within())).Entries!.Select(entry => entry.Name));

        Assert.Equal("a b b-c c", await ListAsync(new AgentRequest { Op = "" }));
        Assert.Equal("a b b/x b/y b-c c", await ListAsync(new AgentRequest { Op = "", Depth = 2 }));
        Assert.Equal("a b b/x b/x/deep b/y b-c c", await ListAsync(new AgentRequest { Op = "", Recursive = true }));
        Assert.Equal(AgentErrorCode.NotFolder, await CodeAsync(agent, new AgentRequest { Op = AgentOperation.FileList, Path = $"{_folder}/a" }));
    }

    [Fact]
    public async Task AListThatOneMessageCannotHoldComesWhole()
    {
        await using var agent = await AgentOnHost.StartAsync();
        var names = Enumerable.Range(0, 5000).Select(i => $"{i:D5}{new string('ü', 90)}").ToList();
        names.ForEach(name => File.Create($"{_folder}/{name}").Dispose());

        var list = await agent.Client.ListFilesAsync(_folder, recursive: false, AgentOnHost.Within());

        Assert.Equal(names, list.Select(entry => entry.Name));
        Assert.Equal($"{_folder}/{names[^1]}", list[^1].Path);
    }

    [Fact]
    public async Task AnEntryTellsOwnerTimesTargetAndAttributes()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await WriteAsync(agent, new AgentRequest { Op = AgentOperation.FileWrite, Path = $"{_folder}/new/deep/f", Parents = true, User = s_root, Mode = 0x180, Attributes = Of(("one", "1"), ("two", "ü")) }, "abc");
        File.CreateSymbolicLink($"{_folder}/link", "new/deep/f");
        File.CreateSymbolicLink($"{_folder}/broken", "nowhere");

        var file = await StatAsync(agent, $"{_folder}/new/deep/f");
        Assert.Equal(("root", "root", 0x180, "f", $"{_folder}/new/deep/f"), (file.Owner, file.Group, file.Mode, file.Name, file.Path));
        Assert.Equal(new FileInfo(file.Path).LastWriteTimeUtc.Ticks / 10, (DateTime.UnixEpoch.Ticks / 10) + (file.ModifiedNs / 1000));
        Assert.Equal(Of(("one", "1"), ("two", "ü")), file.Attributes);

        var link = await StatAsync(agent, $"{_folder}/link");
        Assert.Equal(("link", file.Path, "file", 0x180), (link.Type, link.Target, link.TargetType, link.TargetMode));
        Assert.Equal(("nowhere", null), ((await StatAsync(agent, $"{_folder}/broken")).Target, (await StatAsync(agent, $"{_folder}/broken")).TargetType));
        var followed = await agent.Client.AskAsync(new AgentRequest { Op = AgentOperation.FileStat, Path = $"{_folder}/link", Follow = true }, AgentOnHost.Within());
        Assert.Equal(("file", 3L), (followed.Entry!.Type, followed.Entry.Size));
    }

    [Fact]
    public async Task AttributesAreReplacedWhole()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await WriteAsync(agent, new AgentRequest { Op = AgentOperation.FileWrite, Path = $"{_folder}/f", Attributes = Of(("a", "1"), ("b", "2")) }, "");

        var changed = await agent.Client.AskAsync(new AgentRequest { Op = AgentOperation.FileAttributes, Path = $"{_folder}/f", Attributes = Of(("b", "3"), ("c", "")) }, AgentOnHost.Within());
        Assert.Equal(Of(("b", "3"), ("c", "")), changed.Entry!.Attributes);

        await WriteAsync(agent, new AgentRequest { Op = AgentOperation.FileWrite, Path = $"{_folder}/f" }, "left alone");
        Assert.Equal(2, (await StatAsync(agent, $"{_folder}/f")).Attributes!.Count);
        await WriteAsync(agent, new AgentRequest { Op = AgentOperation.FileWrite, Path = $"{_folder}/f", Attributes = Of() }, "");
        Assert.Null((await StatAsync(agent, $"{_folder}/f")).Attributes);
    }

    [Fact]
    public async Task MakingAFolderSaysWhatStandsInTheWay()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await File.WriteAllTextAsync($"{_folder}/file", "");

        var made = await agent.Client.AskAsync(new AgentRequest { Op = AgentOperation.MakeFolder, Path = $"{_folder}/a/b", Parents = true, User = new AgentUser(1234, 1234) }, AgentOnHost.Within());

        Assert.Equal(("folder", 1234, "1234"), (made.Entry!.Type, made.Entry.Uid, made.Entry.Owner));
        Assert.Equal(1234, (await StatAsync(agent, $"{_folder}/a")).Uid);
        Assert.Equal(AgentErrorCode.Exists, await CodeAsync(agent, new AgentRequest { Op = AgentOperation.MakeFolder, Path = $"{_folder}/a/b", Parents = true }));
        Assert.Equal(AgentErrorCode.NotFolder, await CodeAsync(agent, new AgentRequest { Op = AgentOperation.MakeFolder, Path = $"{_folder}/file", Recursive = true }));
        Assert.Equal(AgentErrorCode.NotFolder, await CodeAsync(agent, new AgentRequest { Op = AgentOperation.MakeFolder, Path = $"{_folder}/file/sub", Parents = true }));
        Assert.Equal(AgentErrorCode.NotFound, await CodeAsync(agent, new AgentRequest { Op = AgentOperation.MakeFolder, Path = $"{_folder}/no/sub" }));
    }

    [Fact]
    public async Task RenamingMakesParentsAndRemovingWhatIsNotThereIsNoError()
    {
        await using var agent = await AgentOnHost.StartAsync();
        await File.WriteAllTextAsync($"{_folder}/f", "x");

        var renamed = await agent.Client.AskAsync(new AgentRequest { Op = AgentOperation.FileRename, Path = $"{_folder}/f", To = $"{_folder}/p/q/g", Parents = true, User = s_root }, AgentOnHost.Within());

        Assert.Equal(("g", 1L), (renamed.Entry!.Name, renamed.Entry.Size));
        Assert.Equal(AgentErrorCode.NotFound, await CodeAsync(agent, new AgentRequest { Op = AgentOperation.FileRename, Path = $"{_folder}/f", To = $"{_folder}/h" }));
        await agent.Client.RemoveFileAsync($"{_folder}/f", recursive: true, AgentOnHost.Within());
        Assert.Equal(AgentErrorCode.NotFound, await CodeAsync(agent, new AgentRequest { Op = AgentOperation.FileRemove, Path = $"{_folder}/f" }));
    }

    [Fact]
    public async Task AFolderIsNoFileAndAFullDiskIsSaid()
    {
        await using var agent = await AgentOnHost.StartAsync();

        Assert.Equal(AgentErrorCode.IsFolder, await CodeAsync(agent, new AgentRequest { Op = AgentOperation.FileWrite, Path = _folder }));
        Assert.Equal(AgentErrorCode.IsFolder, await CodeAsync(agent, new AgentRequest { Op = AgentOperation.FileRead, Path = _folder }));
        var full = await Assert.ThrowsAsync<AgentException>(() => WriteAsync(agent, new AgentRequest { Op = AgentOperation.FileWrite, Path = "/dev/full" }, new string('x', 2_000_000)));
        Assert.Equal(AgentErrorCode.NoSpace, full.Code);
    }

    [Fact]
    public async Task UsersAreLookedUpByName()
    {
        await using var agent = await AgentOnHost.StartAsync();

        var root = await agent.Client.AskAsync(new AgentRequest { Op = AgentOperation.User, Name = "root" }, AgentOnHost.Within());

        Assert.Equal((0, 0, "/root"), (root.Uid, root.Gid, root.Home));
        Assert.Equal(AgentErrorCode.NotFound, await CodeAsync(agent, new AgentRequest { Op = AgentOperation.User, Name = "nobody-of-that-name" }));
    }

    internal static async Task WriteAsync(AgentOnHost agent, AgentRequest request, string text) => await WriteAsync(agent.Client, request, text);

    internal static async Task<AgentReply> WriteAsync(AgentClient client, AgentRequest request, string text)
    {
        await using var stream = client.NewStream();
        await AgentExchange.OpenAsync(stream, request, AgentOnHost.Within());
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), AgentOnHost.Within());
        AgentClient.EndWriting(stream);
        return await AgentExchange.ReadReplyAsync(stream, request.Op, AgentOnHost.Within());
    }

    private static Dictionary<string, string> Of(params (string Name, string Value)[] attributes) => attributes.ToDictionary(pair => pair.Name, pair => pair.Value);

    private static async Task<AgentFile> StatAsync(AgentOnHost agent, string path) => await agent.Client.StatFileAsync(path, AgentOnHost.Within());

    private static async Task<string> CodeAsync(AgentOnHost agent, AgentRequest request) =>
        (await Assert.ThrowsAsync<AgentException>(async () => await agent.Client.AskAsync(request, AgentOnHost.Within()))).Code;
}
