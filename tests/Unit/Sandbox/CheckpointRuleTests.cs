using System.Text;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Checkpoints;
using ToolRuntime.Sandbox.Images;

namespace ToolRuntime.Tests.Unit.Sandbox;

public sealed class CheckpointRuleTests
{
    private static readonly CheckpointHost s_here = new(20240729, new string('a', 64), "systrap", 1, "X64", ["avx2", "sse4_2"]) { Dotnet = ".NET 10.0.1" };

    [Fact]
    public void TheSameMachineMayRestore() => Assert.Null(CheckpointRules.Refusal(Made(s_here), s_here, "local"));

    [Fact]
    public void AProcessorThatCanMoreMayRestore() =>
        Assert.Null(CheckpointRules.Refusal(Made(s_here), s_here with { CpuFlags = ["avx2", "avx512f", "sse4_2"] }, "local"));

    [Fact]
    public void AnotherDotnetMattersOnlyWhereItIsUsed()
    {
        var here = s_here with { Dotnet = ".NET 10.0.2" };
        Assert.Null(CheckpointRules.Refusal(Made(s_here with { Dotnet = null }), here, "local"));
        Assert.Contains(".NET 10.0.1", CheckpointRules.Refusal(Made(s_here), here, "local"), StringComparison.Ordinal);
    }

    [Fact]
    public void EachDifferenceIsNamed()
    {
        Assert.Contains("another tenant", CheckpointRules.Refusal(Made(s_here), s_here, "other"), StringComparison.Ordinal);
        Assert.Contains("another tenant", CheckpointRules.Refusal(Made(s_here), s_here, null), StringComparison.Ordinal);
        Assert.Contains("another build", CheckpointRules.Refusal(Made(s_here with { RunscDigest = new string('b', 64) }), s_here, "local"), StringComparison.Ordinal);
        Assert.Contains("platform ptrace", CheckpointRules.Refusal(Made(s_here with { Platform = "ptrace" }), s_here, "local"), StringComparison.Ordinal);
        Assert.Contains("channel version 2", CheckpointRules.Refusal(Made(s_here with { Channel = 2 }), s_here, "local"), StringComparison.Ordinal);
        Assert.Contains("Arm64", CheckpointRules.Refusal(Made(s_here with { Architecture = "Arm64" }), s_here, "local"), StringComparison.Ordinal);
        Assert.Contains(": avx512f", CheckpointRules.Refusal(Made(s_here with { CpuFlags = ["avx512f", "avx2"] }), s_here, "local"), StringComparison.Ordinal);
    }

    [Fact]
    public void TheSumIsCrc32CHoweverItIsCut()
    {
        // RFC 3720, B.4.
        Assert.Equal(0x8a9136aau, ~FileSum.Append(uint.MaxValue, new byte[32]));
        Assert.Equal(0xe3069283u, ~FileSum.Append(uint.MaxValue, "123456789"u8));
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 100)));
        var whole = FileSum.Append(uint.MaxValue, text);
        Assert.All(Enumerable.Range(0, text.Length), cut => Assert.Equal(whole, FileSum.Append(FileSum.Append(uint.MaxValue, text.AsSpan(0, cut)), text.AsSpan(cut))));
    }

    [Theory]
    [InlineData("processor\t: 0\nflags\t\t: fpu  sse2 avx\nbogomips: 1\nflags\t\t: other\n", "avx fpu sse2")]
    [InlineData("processor\t: 0\nFeatures\t: fp asimd\n", "asimd fp")]
    [InlineData("nothing", "")]
    public void ProcessorFlagsAreRead(string text, string flags) => Assert.Equal(flags, string.Join(' ', CpuFlags.Read(text)));

    [Theory]
    [InlineData("""{"format":1,"id":"x"}""")]
    [InlineData("null")]
    [InlineData("""{"format":1,"id":null,"host":null,"root":null,"shape":null,"epoch":1,"created":"2026-01-01T00:00:00Z","files":[]}""")]
    [InlineData("[")]
    public void MetadataThatLacksSomethingIsRefused(string text)
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-checkpoint-").FullName;
        File.WriteAllText(Path.Combine(folder, CheckpointFolder.MetadataFile), text);
        Assert.Equal(FaultCode.CheckpointRefused, Assert.Throws<FunctionFaultException>(() => CheckpointFolder.Read(folder)).Fault.Code);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void MetadataNamesNoFilesElsewhere()
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-checkpoint-").FullName;
        var work = Path.Combine(folder, "work");
        CheckpointFolder.Create(work);
        CheckpointFolder.Publish(work, Path.Combine(folder, "made"), Made(s_here) with { Files = [new CheckpointFile("../../etc/passwd", 1, 1)] });

        var refused = Assert.Throws<FunctionFaultException>(() => CheckpointFolder.Read(Path.Combine(folder, "made")));

        Assert.Contains("unknown", refused.Fault.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    private static SandboxCheckpoint Made(CheckpointHost host) => new()
    {
        Format = SandboxCheckpoint.CurrentFormat,
        Id = "x",
        Tenant = "local",
        Host = host,
        Root = new CheckpointRoot("d", "t", 1, ImageRoot.ReadOnly),
        Shape = new CheckpointShape("base", FunctionLanguage.Python, 512, 128, 64, CopiesLayers: true),
        Epoch = 1,
        Created = DateTimeOffset.UnixEpoch,
        Files = [],
    };
}
