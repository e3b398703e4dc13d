using System.Text.Json;

using ToolRuntime.Sandbox.Images;
using ToolRuntime.Sandbox.Runsc;

namespace ToolRuntime.Tests.Unit.Sandbox;

public sealed class BundleTests
{
    private static readonly HostFolders _folders = new("/work/tools", "/work/layers/x", "/host/volumes", "/opt/dotnet");
    private static readonly RootShape _mounting = new(64, CopiesLayers: false, HasVolumes: false);

    [Fact]
    public void TheAgentGetsItsSixCapabilitiesAndNoNewOnes()
    {
        var spec = BundleWriter.Create(Image(ImageRoot.ReadOnly), _folders, _mounting);

        string[] expected = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID"];
        Assert.Empty(spec.Process.Capabilities.Bounding);
        Assert.Equal(expected, spec.Process.Capabilities.Effective.Order(StringComparer.Ordinal));
        Assert.Equal(expected, spec.Process.Capabilities.Permitted.Order(StringComparer.Ordinal));
        Assert.True(spec.Process.NoNewPrivileges);
    }

    [Fact]
    public void RootInsideMayGiveFilesAwayWhereTheFileSystemIsItsOwn()
    {
        Assert.Empty(BundleWriter.Create(Image(ImageRoot.ReadOnly), _folders, _mounting).Process.Capabilities.Inheritable);

        // Without CAP_KILL it has less than PID 1, which it therefore may not look into.
        Assert.Equal(["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"], BundleWriter.Create(Image(ImageRoot.Writable), _folders, _mounting).Process.Capabilities.Inheritable.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AFunctionsRootIsReadOnlyWithScratchOfAFixedSize()
    {
        var spec = BundleWriter.Create(Image(ImageRoot.ReadOnly), _folders, new RootShape(7, CopiesLayers: false, HasVolumes: false));

        Assert.True(spec.Root.Readonly);
        var scratch = spec.Mounts.Where(mount => mount.Type == "tmpfs").ToList();
        Assert.Equal(["/dev/shm", "/tmp", "/run", "/home/user"], scratch.Select(mount => mount.Destination));
        Assert.All(scratch, mount => Assert.Contains("size=7m", mount.Options));
    }

    [Fact]
    public void ACodeSandboxWritesItsWholeRoot()
    {
        var spec = BundleWriter.Create(Image(ImageRoot.Writable), _folders, new RootShape(7, CopiesLayers: false, HasVolumes: false));

        Assert.False(spec.Root.Readonly);
        Assert.DoesNotContain(spec.Mounts, mount => mount.Destination == "/tmp");
    }

    [Fact]
    public void NothingOfTheHostCanBeWritten()
    {
        var spec = BundleWriter.Create(Image(ImageRoot.ReadOnly), _folders, _mounting);

        var bound = spec.Mounts.Where(mount => mount.Type == "bind").ToList();
        Assert.Equal(["/toolrt", "/layers", "/usr/share/dotnet"], bound.Select(mount => mount.Destination));
        Assert.Equal(["/work/tools", "/work/layers/x", "/opt/dotnet"], bound.Select(mount => mount.Source));
        Assert.All(bound, mount => Assert.Contains("ro", mount.Options));
    }

    [Fact]
    public void APackedRootThatGetsItsLayersCopiedHasNothingOfTheHost()
    {
        var image = Image(ImageRoot.ReadOnly) with { PackedRoot = "/images/x.erofs" };
        image = image with { Recipe = image.Recipe with { HostFolders = new Dictionary<string, HostFolder>(StringComparer.Ordinal) } };

        var spec = BundleWriter.Create(image, _folders, new RootShape(64, CopiesLayers: true, HasVolumes: false));

        Assert.DoesNotContain(spec.Mounts, mount => mount.Type == "bind");
        Assert.Equal("tmpfs", spec.Mounts.Single(mount => mount.Destination == "/layers").Type);
        Assert.Equal("/images/x.erofs", spec.Annotations!["dev.gvisor.spec.rootfs.source"]);
        Assert.DoesNotContain("dev.gvisor.spec.rootfs.overlay", spec.Annotations.Keys);
    }

    [Fact]
    public void APackedRootThatIsWrittenHasItsOverlayInMemory()
    {
        var spec = BundleWriter.Create(Image(ImageRoot.Writable) with { PackedRoot = "/images/x.erofs" }, _folders, _mounting);

        Assert.Equal("memory", spec.Annotations!["dev.gvisor.spec.rootfs.overlay"]);
        Assert.Contains(spec.Mounts, mount => mount is { Destination: "/layers", Type: "bind" });
    }

    [Fact]
    public void ThePlatformIsJudgedByTheBestOfItsTrials()
    {
        var good = new PlatformTrial("systrap", 100, 300, null);

        Assert.Equal(good, PlatformTrial.Better(null, good));
        Assert.Equal(new PlatformTrial("systrap", 90, 300, null), PlatformTrial.Better(good, new PlatformTrial("systrap", 90, 900, null)));
        Assert.Equal("hangs", PlatformTrial.Better(good, new PlatformTrial("systrap", 0, 0, "hangs")).Failure);
    }

    [Fact]
    public void TheFileIsWhatTheSpecificationNames()
    {
        var spec = BundleWriter.Create(Image(ImageRoot.ReadOnly), _folders, _mounting);

        using var json = JsonDocument.Parse(JsonSerializer.Serialize(spec, OciJson.Default.OciSpec));

        var root = json.RootElement;
        Assert.Equal("1.0.2", root.GetProperty("ociVersion").GetString());
        Assert.Equal("/toolrt/agent", root.GetProperty("process").GetProperty("args")[0].GetString());
        Assert.Contains("A=b", root.GetProperty("process").GetProperty("env").EnumerateArray().Select(item => item.GetString()));
        Assert.DoesNotContain("network", root.GetProperty("linux").GetProperty("namespaces").EnumerateArray().Select(item => item.GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData("runsc version 0.0~20240729.0\nspec: 1.0.2-dev", 20240729)]
    [InlineData("runsc version release-20250820.0\nspec: 1.1.0-rc.1", 20250820)]
    [InlineData("runsc version VERSION_MISSING", 0)]
    public void ABuildsReleaseIsReadFromWhatItSays(string output, int expected) => Assert.Equal(expected, RunscBinary.ParseRelease(output));

    [Fact]
    public void AnOldBuildNamesWhatItCannotDo()
    {
        Assert.Empty(new RunscBinary("/x", 20240729).Shortcomings);
        Assert.Contains("the systrap platform", new RunscBinary("/x", 20221219).Shortcomings);
    }

    [Theory]
    [InlineData(300, 240, "systrap")]
    [InlineData(300, 150, "ptrace")]
    public void ALaterPlatformIsChosenOnlyWhereItIsClearlyBetter(double systrapMicros, double ptraceMicros, string expected)
    {
        var choice = PlatformChoice.From([new PlatformTrial("systrap", 100, systrapMicros, null), new PlatformTrial("ptrace", 100, ptraceMicros, null)]);

        Assert.Equal(expected, choice!.Platform);
        Assert.Equal("ptrace", PlatformChoice.From([new PlatformTrial("systrap", 0, 0, "hangs"), new PlatformTrial("ptrace", 100, 1, null)])!.Platform);
        Assert.Null(PlatformChoice.From([new PlatformTrial("ptrace", 0, 0, "no")]));
    }

    [Fact]
    public void TheStateFolderIsShortEnoughForASocket()
    {
        var layout = new WorkLayout("/" + new string('x', 90));

        Assert.StartsWith("/run/toolrt/", layout.State, StringComparison.Ordinal);
        Assert.Equal(layout.Instance, new WorkLayout("/" + new string('x', 90) + "/").Instance);
        Assert.Equal("/data/work/state", new WorkLayout("/data/work").State);
    }

    private static SandboxImage Image(ImageRoot root) => new(
        new ImageRecipe
        {
            Name = "test",
            Root = root,
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["A"] = "b" },
            HostFolders = new Dictionary<string, HostFolder>(StringComparer.Ordinal) { ["/usr/share/dotnet"] = HostFolder.Dotnet },
        },
        "digest",
        "/images/rootfs");

    [Fact]
    public void VolumesHaveAFolderOfTheirOwnAndARootThatTheAgentCanWrite()
    {
        var spec = BundleWriter.Create(Image(ImageRoot.ReadOnly), _folders, new RootShape(7, CopiesLayers: true, HasVolumes: true));

        var volumes = Assert.Single(spec.Mounts, m => m.Destination == "/volumes");
        Assert.Equal(("/host/volumes", "bind"), (volumes.Source, volumes.Type));
        Assert.Equal(["rbind", "rw"], volumes.Options);
        Assert.False(spec.Root.Readonly);
        Assert.Contains(spec.Mounts, m => m.Destination == "/tmp" && m.Type == "tmpfs");
    }
}
