using System.Formats.Tar;
using System.Text;

using ToolRuntime.Cli.Sandboxes;

namespace ToolRuntime.Tests.Unit.Cli;

/// <summary>What <c>toolrt sandbox cp</c> makes of its ends, and of archives that nobody vouches for.</summary>
public sealed class SandboxCopyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-unit-").FullName;

    private string Target => Path.Combine(_folder, "target");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("abc123:/tmp/x", "abc123", "/tmp/x")]
    [InlineData("abc123:x:y", "abc123", "x:y")]
    [InlineData("abc123:", "abc123", ".")]
    [InlineData("./a:b", null, "./a:b")]
    [InlineData("/a/b", null, "/a/b")]
    [InlineData("-", null, "-")]
    public void AnEndIsASandboxsWhereItBeginsWithAnId(string text, string? sandbox, string path)
    {
        var place = CopyPlace.Parse(text);

        Assert.Equal((sandbox, path), (place.Sandbox, place.Path));
        Assert.Equal(text == "-", place.IsPipe);
    }

    [Fact]
    public async Task FilesFoldersAndLinksComeOut()
    {
        await ExtractAsync(
            Entry(TarEntryType.Directory, "./d/"), Entry(TarEntryType.RegularFile, "./d/file", "text"), Entry(TarEntryType.SymbolicLink, "./link", link: "d/file"),
            Entry(TarEntryType.SymbolicLink, "./absolute", link: "/etc/passwd"));

        Assert.Equal("text", await File.ReadAllTextAsync(Path.Combine(Target, "link")));
        Assert.Equal("/etc/passwd", new FileInfo(Path.Combine(Target, "absolute")).LinkTarget);
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("a/../../escaped")]
    public async Task NamesThatLeadOutAreRefused(string name)
    {
        await Assert.ThrowsAsync<IOException>(() => ExtractAsync(Entry(TarEntryType.RegularFile, name, "x")));

        Assert.False(File.Exists(Path.Combine(_folder, "escaped")));
    }

    [Fact]
    public async Task NothingIsWrittenThroughALinkOfTheArchive()
    {
        var outside = Directory.CreateDirectory(Path.Combine(_folder, "outside")).FullName;

        await Assert.ThrowsAsync<IOException>(() => ExtractAsync(Entry(TarEntryType.SymbolicLink, "d", link: outside), Entry(TarEntryType.RegularFile, "d/file", "x")));

        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    [Fact]
    public async Task NothingIsWrittenThroughALinkThatStoodThere()
    {
        var outside = Path.Combine(_folder, "kept");
        await File.WriteAllTextAsync(outside, "kept");
        Directory.CreateDirectory(Target);
        File.CreateSymbolicLink(Path.Combine(Target, "file"), outside);

        await ExtractAsync(Entry(TarEntryType.RegularFile, "file", "new"));

        Assert.Equal(("kept", "new"), (await File.ReadAllTextAsync(outside), await File.ReadAllTextAsync(Path.Combine(Target, "file"))));
    }

    private static PaxTarEntry Entry(TarEntryType type, string name, string? content = null, string? link = null)
    {
        var entry = new PaxTarEntry(type, name);
        if (content is not null)
        {
            entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content));
        }

        if (link is not null)
        {
            entry.LinkName = link;
        }

        return entry;
    }

    private async Task ExtractAsync(params PaxTarEntry[] entries)
    {
        using var archive = new MemoryStream();
        await using (var writer = new TarWriter(archive, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                await writer.WriteEntryAsync(entry, TestContext.Current.CancellationToken);
            }
        }

        archive.Position = 0;
        await FolderExtraction.RunAsync(archive, Target, TestContext.Current.CancellationToken);
    }
}
