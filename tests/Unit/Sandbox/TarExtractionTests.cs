using System.Formats.Tar;
using System.Text;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Tests.Unit.Sandbox;

public sealed class TarExtractionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-tar-").FullName;

    private string Target => Path.Combine(_folder, "layer");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void FilesFoldersAndInnerLinksComeOut()
    {
        Extract(
            File_("./a/add.py", "x = 1", UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.SetUser),
            Link("bin/add", "../a/add.py"),
            Hard("copy.py", "a/add.py"));

        Assert.Equal("x = 1", File.ReadAllText(Path.Combine(Target, "a", "add.py")));
        Assert.Equal("x = 1", File.ReadAllText(Path.Combine(Target, "bin", "add")));
        Assert.Equal("x = 1", File.ReadAllText(Path.Combine(Target, "copy.py")));
        var mode = File.GetUnixFileMode(Path.Combine(Target, "a", "add.py"));
        Assert.Equal((UnixFileMode)0b111_101_101, mode);
    }

    [Theory]
    [InlineData("/etc/evil")]
    [InlineData("../evil")]
    [InlineData("a/../../evil")]
    [InlineData("a/../evil")]
    public void APathThatLeavesIsRefused(string name)
    {
        var error = Assert.Throws<InvalidDataException>(() => Extract(File_(name, "x")));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder, "evil")));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../outside")]
    [InlineData("d/../../outside")]
    public void ALinkThatLeavesIsRefused(string target)
    {
        Assert.Throws<InvalidDataException>(() => Extract(Link("link", target)));
        Assert.Throws<InvalidDataException>(() => Extract(Hard("hard", target)));
    }

    [Fact]
    public void NothingIsWrittenThroughALink()
    {
        Assert.Throws<InvalidDataException>(() => Extract(Link("d", "."), Link("e", "d/.."), File_("e/evil", "x")));
        Assert.Throws<InvalidDataException>(() => Extract(Folder("real"), Link("l", "real"), File_("l/x", "x")));
        Assert.False(File.Exists(Path.Combine(_folder, "evil")));
    }

    [Fact]
    public void AFileThatReplacesALinkDoesNotWriteItsTarget()
    {
        Extract(File_("target", "kept"), Link("name", "target"), File_("name", "new"));

        Assert.Equal("kept", File.ReadAllText(Path.Combine(Target, "target")));
        Assert.Equal("new", File.ReadAllText(Path.Combine(Target, "name")));
    }

    [Theory]
    [InlineData(TarEntryType.BlockDevice)]
    [InlineData(TarEntryType.CharacterDevice)]
    [InlineData(TarEntryType.Fifo)]
    public void DevicesAreRefused(TarEntryType type)
    {
        var error = Assert.Throws<InvalidDataException>(() => Extract(new PaxTarEntry(type, "device")));

        Assert.Contains("not allowed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BytesThatAreNoTarAreRefusedAndNotACrash() => Prop.ForAll<byte[]>(bytes =>
    {
        using var stream = new MemoryStream(bytes);
        try
        {
            TarExtraction.Extract(stream, Path.Combine(_folder, Guid.NewGuid().ToString("n")));
        }
        catch (InvalidDataException)
        {
            return;
        }
    }).QuickCheckThrowOnFailure();

    private static PaxTarEntry File_(string name, string text, UnixFileMode mode = UnixFileMode.UserRead) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = mode };

    private static PaxTarEntry Link(string name, string target) => new(TarEntryType.SymbolicLink, name) { LinkName = target };

    private static PaxTarEntry Hard(string name, string target) => new(TarEntryType.HardLink, name) { LinkName = target };

    private static PaxTarEntry Folder(string name) => new(TarEntryType.Directory, name);

    private void Extract(params PaxTarEntry[] entries)
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        tar.Position = 0;
        TarExtraction.Extract(tar, Target);
    }
}
