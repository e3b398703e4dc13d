using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Tests.Unit.Sandbox;

public sealed class WorkerCommandTests
{
    [Fact]
    public void TypeScriptSharesTheSandboxesOfJavaScript() =>
        Assert.Equal(
            BootShape.Of(new PoolKind("base", FunctionLanguage.JavaScript), new FunctionLimits(), copiesLayers: true),
            BootShape.Of(new PoolKind("base", FunctionLanguage.TypeScript), new FunctionLimits(), copiesLayers: true));

    [Fact]
    public void ASandboxOfAServerHasNoWorker() => Assert.Null(WorkerCommands.For(Shape(FunctionLanguage.Mcp)));

    [Fact]
    public void NobodyKnowsWhatIsInAnImageOfTheDockerEngine() => Assert.Null(WorkerCommands.For(Shape(FunctionLanguage.Sandbox) with { Kind = new PoolKind("docker:x:1", FunctionLanguage.Sandbox) }));

    [Fact]
    public void EveryOtherLanguageHasOneThatIsNotRoot() => Assert.All(
        Enum.GetValues<FunctionLanguage>().Where(language => language is not (FunctionLanguage.Mcp or FunctionLanguage.Api or FunctionLanguage.Sandbox)),
        language =>
        {
            var spec = WorkerCommands.For(Shape(language))!;
            Assert.Equal(WorkerCommands.WorkerId, spec.Id);
            Assert.True(spec.UserId >= 1000);
            Assert.Equal(128, spec.Limits.Processes);
        });

    [Fact]
    public void ACodeSandboxStandsReadyWithItsFirstPythonContext()
    {
        var spec = WorkerCommands.For(Shape(FunctionLanguage.Sandbox))!;
        Assert.Equal("ctx.python.default", spec.Id);
        Assert.Equal("/home/user", spec.WorkingDirectory);
        Assert.Equal(1000, spec.UserId);
        Assert.Equal(0, spec.Limits.AddressBytes);
        Assert.Contains("--preload", spec.Arguments);
    }

    [Theory]
    [InlineData("java")]
    [InlineData("r")]
    public void ASandboxOfALanguagesOwnImageStandsReadyWithThat(string image)
    {
        var spec = WorkerCommands.For(Shape(FunctionLanguage.Sandbox) with { Kind = new PoolKind(image, FunctionLanguage.Sandbox) })!;
        Assert.Equal($"ctx.{image}.default", spec.Id);
        Assert.True(WorkerCommands.IsKernel(spec.Id!));
        Assert.Equal($"/toolrt/kernels/{image}/kernel.py", spec.Arguments[^1]);
    }

    [Fact]
    public void TheInterpretersLimitComesFromTheFunctions()
    {
        Assert.Equal(512L << 20, WorkerCommands.For(Shape(FunctionLanguage.Python))!.Limits.AddressBytes);
        Assert.Contains("--max-old-space-size=384", WorkerCommands.For(Shape(FunctionLanguage.JavaScript))!.Arguments);
    }

    [Fact]
    public void TheHostsThreadLimitIsWellAboveTheGuests()
    {
        var limits = SandboxLimits.AtLease(new FunctionLimits { CpuMillis = 500 });

        Assert.Equal(500, limits.CpuMillis);
        Assert.Equal((512L + SandboxLimits.OverheadMiB) << 20, limits.MemoryBytes);
        Assert.True(limits.Processes >= 4 * 128);
    }

    private static BootShape Shape(FunctionLanguage language) => BootShape.Of(new PoolKind("base", language), new FunctionLimits(), copiesLayers: true);
}
