using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Archives;
using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Tests.Unit.Sandbox;

/// <summary>What an archive of an image holds, as the tar reader of .NET sees it, which is not what wrote it.</summary>
public sealed class ImageArchiveTests : IDisposable
{
    private static readonly DateTimeOffset s_built = new(2026, 5, 17, 3, 4, 5, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-archive-").FullName;

    private string Root => Path.Combine(_folder, "rootfs");

    private string Archive => Path.Combine(_folder, "out", "base.tar");

    public ImageArchiveTests()
    {
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(Path.GetDirectoryName(Archive)!);
    }

    public void Dispose()
    {
        // .NET cannot delete a name that is not UTF-8.
        using var remove = Process.Start("rm", ["-rf", _folder]);
        remove.WaitForExit();
    }

    [Fact]
    public async Task OneTarIsAnOciLayoutAndWhatDockerLoads()
    {
        File("etc/os-release", "ID=debian");
        Directory.SetLastWriteTimeUtc(Root, s_built.UtcDateTime);

        var written = await WriteAsync();

        var files = Read(Archive);
        Assert.Equal("""{"imageLayoutVersion":"1.0.0"}""", Text(files["oci-layout"]));
        var blobs = files.Where(f => f.Key.StartsWith("blobs/sha256/", StringComparison.Ordinal) && f.Value.Content.Length > 0).ToList();
        Assert.Equal(3, blobs.Count);
        Assert.All(blobs, blob => Assert.Equal(blob.Key, "blobs/sha256/" + Convert.ToHexStringLower(SHA256.HashData(blob.Value.Content))));

        var named = Json(files["index.json"]).GetProperty("manifests").EnumerateArray().Single();
        Assert.Equal(("v1.2", "docker.io/toolrt/base:v1.2"), (Annotation(named, "org.opencontainers.image.ref.name"), Annotation(named, "io.containerd.image.name")));
        Assert.Equal(written.Digest, named.GetProperty("digest").GetString());
        var manifest = Json(Blob(files, named, "application/vnd.oci.image.manifest.v1+json"));
        var configuration = Json(Blob(files, manifest.GetProperty("config"), "application/vnd.oci.image.config.v1+json"));
        var layer = manifest.GetProperty("layers").EnumerateArray().Single();
        var tar = Unpacked(Blob(files, layer, "application/vnd.oci.image.layer.v1.tar+gzip").Content);
        Assert.Equal(["sha256:" + Convert.ToHexStringLower(SHA256.HashData(tar))], Strings(configuration.GetProperty("rootfs").GetProperty("diff_ids")));

        var engine = Json(files["manifest.json"]).EnumerateArray().Single();
        Assert.Equal(["toolrt/base:v1.2"], Strings(engine.GetProperty("RepoTags")));
        Assert.Equal(PathOf(manifest.GetProperty("config")), engine.GetProperty("Config").GetString());
        Assert.Equal([PathOf(layer)], Strings(engine.GetProperty("Layers")));
        Assert.Equal(("toolrt/base:v1.2", manifest.GetProperty("config").GetProperty("digest").GetString(), new FileInfo(Archive).Length), (written.Reference, written.Id, written.Bytes));
    }

    [Fact]
    public async Task AContainerOfItStartsAsProcessesOfASandboxDo()
    {
        Directory.SetLastWriteTimeUtc(Root, s_built.UtcDateTime);

        await WriteAsync();

        var files = Read(Archive);
        var configuration = Json(files[Json(files["manifest.json"])[0].GetProperty("Config").GetString()!]);
        var start = configuration.GetProperty("config");
        Assert.Equal(("2026-05-17T03:04:05Z", "linux"), (configuration.GetProperty("created").GetString(), configuration.GetProperty("os").GetString()));
        Assert.Equal(("1000:1000", "/home/user"), (start.GetProperty("User").GetString(), start.GetProperty("WorkingDir").GetString()));
        Assert.Equal(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/home/user", "LANG=C.UTF-8"], Strings(start.GetProperty("Env")));
        Assert.Equal("Python and more", start.GetProperty("Labels").GetProperty("org.opencontainers.image.description").GetString());
        Assert.Equal("amd64", ImageDescription.ArchitectureOf(Architecture.X64));
        Assert.Equal("arm64", ImageDescription.ArchitectureOf(Architecture.Arm64));
    }

    [Fact]
    public async Task FilesKeepWhatTheyAre()
    {
        var deep = string.Join('/', Enumerable.Repeat("a-folder-with-a-long-name", 12)) + "/Főtanúsítvány.crt";
        File(deep, "deep");
        File("bin/su", "suid", 0b100_111_101_101);
        System.IO.File.SetLastWriteTimeUtc(Path.Combine(Root, "bin/su"), s_built.UtcDateTime);
        Directory.CreateDirectory(Path.Combine(Root, "tmp"));
        System.IO.File.SetUnixFileMode(Path.Combine(Root, "tmp"), (UnixFileMode)0b001_111_111_111);
        System.IO.File.CreateSymbolicLink(Path.Combine(Root, "etc"), "/" + new string('x', 150));
        Assert.True(FileLinks.TryLink(Path.Combine(Root, "bin/su"), Path.Combine(Root, "bin/sudo")));
        await DoAsync("mkfifo", Path.Combine(Root, "pipe"));

        await WriteAsync();

        var layer = await LayerAsync();
        Assert.Equal("deep", Text(layer[deep]));
        Assert.Equal(["a-folder-with-a-long-name/", "bin/", "bin/su", "bin/sudo", "etc", "pipe", "tmp/"], layer.Keys.Where(k => !k.StartsWith("a-folder-with-a-long-name/a", StringComparison.Ordinal)));
        Assert.Equal((TarEntryType.RegularFile, (UnixFileMode)0b100_111_101_101, s_built), (layer["bin/su"].Entry.EntryType, layer["bin/su"].Entry.Mode, layer["bin/su"].Entry.ModificationTime));
        Assert.Equal((TarEntryType.HardLink, "bin/su"), (layer["bin/sudo"].Entry.EntryType, layer["bin/sudo"].Entry.LinkName));
        Assert.Equal((TarEntryType.SymbolicLink, "/" + new string('x', 150)), (layer["etc"].Entry.EntryType, layer["etc"].Entry.LinkName));
        Assert.Equal((TarEntryType.Directory, (UnixFileMode)0b001_111_111_111), (layer["tmp/"].Entry.EntryType, layer["tmp/"].Entry.Mode));
        Assert.Equal(TarEntryType.Fifo, layer["pipe"].Entry.EntryType);
    }

    [Fact]
    public async Task OwnersBeyondWhatAHeaderHoldsAreKept()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: gives files to others");
        Assert.Equal(0, Libc.ChangeOwner(File("home/one", "1"), 1000, 42));
        Assert.Equal(0, Libc.ChangeOwner(File("home/two", "2"), 2_097_153, 2_097_152));

        await WriteAsync();

        var layer = await LayerAsync();
        Assert.Equal((1000, 42), (layer["home/one"].Entry.Uid, layer["home/one"].Entry.Gid));
        var records = ((PaxTarEntry)layer["home/two"].Entry).ExtendedAttributes;
        Assert.Equal(("2097153", "2097152"), (records["uid"], records["gid"]));
    }

    [Fact]
    public async Task DevicesAndSocketsAreLeftOut()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: makes a device");
        Directory.CreateDirectory(Path.Combine(Root, "dev"));
        await DoAsync("mknod", Path.Combine(Root, "dev/null"), "c", "1", "3");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(Root, "s")));

        await WriteAsync();

        Assert.Equal(["dev/"], (await LayerAsync()).Keys);
    }

    [Fact]
    public async Task AttributesAreKeptByteByByte()
    {
        // cap_net_raw+ep, as files of Debian's iputils-ping have it.
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: gives a file capabilities");
        const string Capability = "0100000200200000000000000000000000000000";
        var ping = File("bin/ping", "ping");
        await DoAsync("python3", "-c", $"import os; os.setxattr('{ping}', 'security.capability', bytes.fromhex('{Capability}')); os.setxattr('{ping}', 'user.note', b'\\xff\\n'); os.setxattr('{ping}', 'trusted.own', b'x')");

        await WriteAsync();

        await DoAsync("tar", "-C", _folder, "-xf", Archive);
        var layer = Path.Combine(_folder, Json(Read(Archive)["manifest.json"])[0].GetProperty("Layers")[0].GetString()!);
        var held = Path.Combine(_folder, "held");
        await DoAsync("tar", "--xattrs", "--xattrs-include=*", "-C", Directory.CreateDirectory(held).FullName, "-xzf", layer);
        var shown = await DoAsync("python3", "-c", $"import os; p = '{held}/bin/ping'; print(sorted(os.listxattr(p)), os.getxattr(p, 'security.capability').hex(), os.getxattr(p, 'user.note'))");
        Assert.Equal($"['security.capability', 'user.note'] {Capability} b'\\xff\\n'", shown.Trim());
    }

    [Fact]
    public async Task EqualImagesGiveEqualBytes()
    {
        foreach (var name in new[] { "b", "a/z", "a/y", "C", "a.txt" })
        {
            File(name, name);
        }

        FileLinks.TryLink(Path.Combine(Root, "b"), Path.Combine(Root, "a/b"));
        await WriteAsync();
        var first = SHA256.HashData(await System.IO.File.ReadAllBytesAsync(Archive));
        await DoAsync("cp", "-a", Root, Root + ".copy");
        Directory.Delete(Root, recursive: true);
        Directory.Move(Root + ".copy", Root);
        await WriteAsync();

        Assert.Equal(first, SHA256.HashData(await System.IO.File.ReadAllBytesAsync(Archive)));
        File("b", "another");
        await WriteAsync();
        Assert.NotEqual(first, SHA256.HashData(await System.IO.File.ReadAllBytesAsync(Archive)));
    }

    [Fact]
    public async Task AFolderOfTheHostIsALayerThatBelongsToRoot()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: gives files to others");
        Assert.Equal(0, Libc.ChangeOwner(File("dotnet", "runs"), 1000, 1000));
        Assert.Equal(0, Libc.ChangeOwner(File("shared/lib.so", "is used"), 1000, 1000));
        File("sdk/compiler", "builds");

        var file = LayerFile.Write(Path.Combine(_folder, "host"), Fill, TestContext.Current.CancellationToken);

        await System.IO.File.WriteAllBytesAsync(Archive, Unpacked(await System.IO.File.ReadAllBytesAsync(file.Path)));
        var layer = Read(Archive);
        Assert.Equal(["usr/", "usr/share/", "usr/share/dotnet/", "usr/share/dotnet/dotnet", "usr/share/dotnet/shared/", "usr/share/dotnet/shared/lib.so"], layer.Keys);
        Assert.All(layer.Values, entry => Assert.Equal((0, 0), (entry.Entry.Uid, entry.Entry.Gid)));

        void Fill(TarOutput tar)
        {
            var folders = new LayerTar(tar) { IsRoots = true };
            folders.AddFolders("/usr/share/dotnet");
            folders.AddContent(Root, "usr/share/dotnet/", name => name != "sdk");
        }
    }

    [Theory]
    [InlineData(@"touch $'bad\xff'", "not UTF-8")]
    [InlineData("touch .wh.passwd", ".wh.passwd")]
    [InlineData(@"ln -s $'\xff' link", "link leads to is not UTF-8")]
    public async Task WhatNoLayerCanHoldIsNamedAndNothingIsLeft(string make, string expected)
    {
        await System.IO.File.WriteAllTextAsync(Archive, "the one before");
        File("a", "a");
        await DoAsync("bash", "-c", $"cd {Root} && {make}");

        var error = await Assert.ThrowsAsync<SandboxSetupException>(() => WriteAsync());

        Assert.Contains(expected, error.Problem, StringComparison.Ordinal);
        Assert.Equal([Archive], Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(Archive)!));
        Assert.Equal("the one before", await System.IO.File.ReadAllTextAsync(Archive));
    }

    [Fact]
    public async Task AnExportThatIsStoppedLeavesNothing()
    {
        File("a", "a");
        using var stop = new CancellationTokenSource();
        var stopping = new Stopping(stop);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ImageArchive.WriteAsync(new SandboxImage(Recipe(), "0", Root), Archive, "latest", stopping, stop.Token));

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(Archive)!));
    }

    [Fact]
    public void AFileThatBecomesShorterIsNoEntry()
    {
        var tar = new TarOutput(Stream.Null, CancellationToken.None);

        var error = Assert.Throws<IOException>(() => tar.Write(new TarItem(TarItem.File, "log") { Size = 5 }, new MemoryStream([1, 2, 3])));

        Assert.Contains("log changed", error.Message, StringComparison.Ordinal);
    }

    private static ImageRecipe Recipe() => new()
    {
        Name = "base",
        Description = "Python and more",
        Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["LANG"] = "C.UTF-8" },
    };

    private Task<WrittenArchive> WriteAsync() =>
        ImageArchive.WriteAsync(new SandboxImage(Recipe(), "0", Root), Archive, "v1.2", new Progress<string>(), TestContext.Current.CancellationToken);

    private string File(string name, string content, int mode = 0b110_100_100)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content);
        System.IO.File.SetUnixFileMode(path, (UnixFileMode)mode);
        return path;
    }

    private async Task<Dictionary<string, (TarEntry Entry, byte[] Content)>> LayerAsync()
    {
        var files = Read(Archive);
        var layer = files[Json(files["manifest.json"])[0].GetProperty("Layers")[0].GetString()!];
        var path = Path.Combine(_folder, "layer.tar");
        await System.IO.File.WriteAllBytesAsync(path, Unpacked(layer.Content));
        return Read(path);
    }

    private static Dictionary<string, (TarEntry Entry, byte[] Content)> Read(string path)
    {
        var found = new Dictionary<string, (TarEntry, byte[])>(StringComparer.Ordinal);
        using var reader = new TarReader(System.IO.File.OpenRead(path));
        while (reader.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            found.Add(entry.Name, (entry, content.ToArray()));
        }

        return found;
    }

    private static byte[] Unpacked(byte[] layer)
    {
        using var plain = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(layer), CompressionMode.Decompress);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private static (TarEntry Entry, byte[] Content) Blob(Dictionary<string, (TarEntry Entry, byte[] Content)> files, JsonElement blob, string mediaType)
    {
        var found = files[PathOf(blob)];
        Assert.Equal((mediaType, (long)found.Content.Length), (blob.GetProperty("mediaType").GetString(), blob.GetProperty("size").GetInt64()));
        return found;
    }

    private static string PathOf(JsonElement blob) => "blobs/" + blob.GetProperty("digest").GetString()!.Replace(':', '/');

    private static string? Annotation(JsonElement blob, string name) => blob.GetProperty("annotations").GetProperty(name).GetString();

    private static IEnumerable<string?> Strings(JsonElement array) => array.EnumerateArray().Select(item => item.GetString());

    private static JsonElement Json((TarEntry Entry, byte[] Content) file) => JsonElement.Parse(file.Content);

    private static string Text((TarEntry Entry, byte[] Content) file) => System.Text.Encoding.UTF8.GetString(file.Content);

    private static async Task<string> DoAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: exit {process.ExitCode}");
        return output;
    }

    // Stops when the last step is told, with the layer already there.
    private sealed class Stopping(CancellationTokenSource stop) : IProgress<string>
    {
        public void Report(string value)
        {
            if (value.Contains("writing", StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        }
    }
}
