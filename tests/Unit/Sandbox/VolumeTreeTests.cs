using System.Diagnostics;

using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Tests.Unit.Sandbox;

/// <summary>The host's way into a volume whose content is hostile.</summary>
public sealed class VolumeTreeTests : IDisposable
{
    private static readonly AgentUser s_me = new((int)Own("u"), (int)Own("g"));
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("toolrt-tree-");
    private readonly string _outside;
    private readonly string _inside;
    private readonly VolumeTree _tree;

    public VolumeTreeTests()
    {
        _outside = Path.Combine(_folder.FullName, "outside");
        _inside = _folder.CreateSubdirectory("inside").FullName;
        Directory.CreateDirectory(_outside);
        File.WriteAllText(Path.Combine(_outside, "secret"), "canary");
        _tree = new VolumeTree(_inside);
    }

    public void Dispose()
    {
        _tree.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("absolute/secret")]
    [InlineData("relative/secret")]
    [InlineData("../outside/secret")]
    [InlineData("/../outside/secret")]
    [InlineData("file")]
    [InlineData("magic")]
    public void NothingLeadsOut(string path)
    {
        Link("absolute", _outside);
        Link("relative", "../outside");
        Link("file", Path.Combine(_outside, "secret"));
        Link("magic", "/proc/self/root");

        Assert.Throws<VolumeException>(() => _tree.OpenFile(path));
        Assert.Throws<VolumeException>(() => _tree.List(path, 3));
        Assert.Equal("canary", File.ReadAllText(Path.Combine(_outside, "secret")));
    }

    [Theory]
    [InlineData("absolute/planted")]
    [InlineData("relative/planted")]
    [InlineData("../outside/planted")]
    [InlineData("..")]
    [InlineData("/")]
    public void NothingIsMadeChangedOrRemovedOutside(string path)
    {
        Link("absolute", _outside);
        Link("relative", "../outside");

        Assert.Throws<VolumeException>(() => _tree.Create(path, s_me, null, parents: true));
        Assert.Throws<VolumeException>(() => _tree.MakeFolder(path, s_me, null, parents: false));
        Assert.Throws<VolumeException>(() => _tree.Remove(path.Replace("planted", "secret", StringComparison.Ordinal)));
        Assert.Throws<VolumeException>(() => _tree.Change(path.Replace("planted", "secret", StringComparison.Ordinal), null, null, 0b111_111_111));
        Assert.Equal(["secret"], Directory.EnumerateFileSystemEntries(_outside).Select(Path.GetFileName));
    }

    [Fact]
    public void AWriteReplacesALinkAndDoesNotFollowIt()
    {
        Link("file", Path.Combine(_outside, "secret"));
        Write("file", "mine");
        Assert.Equal("canary", File.ReadAllText(Path.Combine(_outside, "secret")));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_inside, "file")));
        Assert.Null(new FileInfo(Path.Combine(_inside, "file")).LinkTarget);
    }

    [Fact]
    public void ARemovalTakesLinksAwayAndNotWhatTheyLeadTo()
    {
        Directory.CreateDirectory(Path.Combine(_inside, "a/b"));
        Link("a/b/out", _outside);
        Write("a/b/file", "x");
        _tree.Remove("a");
        Assert.Empty(Directory.EnumerateFileSystemEntries(_inside));
        Assert.True(File.Exists(Path.Combine(_outside, "secret")));
    }

    [Fact]
    public void LinksWithinAreFollowedAndListedAsLinks()
    {
        Write("real/file", "content");
        Link("inner", "real");
        using var file = _tree.OpenFile("inner/file");
        Assert.Equal(7, RandomAccess.GetLength(file));
        Assert.Equal([("inner", "link", "real"), ("real", "folder", null), ("real/file", "file", null)], _tree.List("/", 5).Select(e => (e.Name, e.Type, e.Target)));
        Assert.Equal("/inner", _tree.Describe("inner").Path);
        Assert.Equal(4, _tree.List("", 9).Count + 1);
        Assert.True(_tree.Used() > 7);
    }

    [Fact]
    public async Task AFifoIsRefusedAtOnce()
    {
        await Process.Start("mkfifo", [Path.Combine(_inside, "fifo")]).WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("no regular file", Assert.Throws<VolumeException>(() => _tree.OpenFile("fifo")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUploadThatIsNotFinishedLeavesNothing()
    {
        using (var upload = _tree.Create("half", s_me, null, parents: false))
        {
            RandomAccess.Write(upload.File, "half"u8, 0);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_inside));
        Write("stands", "first");
        using var second = _tree.Create("stands", s_me, 0b110_000_000, parents: false);
        Assert.Equal(VolumeException.Exists, Assert.Throws<VolumeException>(() => second.Finish(replaces: false)).Error);
        second.Finish(replaces: true);
        Assert.Equal(0b110_000_000, _tree.Describe("stands").Mode);
    }

    private static uint Own(string which)
    {
        using var id = Process.Start(new ProcessStartInfo("id", [$"-{which}"]) { RedirectStandardOutput = true })!;
        return uint.Parse(id.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private void Link(string name, string target) => File.CreateSymbolicLink(Path.Combine(_inside, name), target);

    private void Write(string path, string text)
    {
        using var upload = _tree.Create(path, s_me, null, parents: true);
        RandomAccess.Write(upload.File, System.Text.Encoding.UTF8.GetBytes(text), 0);
        upload.Finish(replaces: true);
    }
}
