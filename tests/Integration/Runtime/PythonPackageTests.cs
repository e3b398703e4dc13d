using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Runtime;

/// <summary><c>requirements.txt</c> of a package, from a folder of wheels that the test makes.</summary>
public sealed class PythonPackageTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>
{
    private const string Code = "import tiny_wheel\ndef name() -> str:\n    return tiny_wheel.NAME\n";

    [Fact]
    public async Task RequirementsAreInstalledIntoALayerAndImported()
    {
        using var deadline = RuntimeMachine.Deadline();
        await machine.Wheels.AddAsync("tiny_wheel", "0.9", "NAME = 'old'\n", deadline.Token);
        await machine.Wheels.AddAsync("tiny_wheel", "1.2", "NAME = 'tiny'\n", deadline.Token);
        var version = await machine.DeployAsync([("main.py", Code), ("requirements.txt", "tiny-wheel>=1.0  # ours\n")], null, deadline.Token);
        Assert.Contains(version.Layers, l => l.Kind == LayerKind.PythonPackages);
        Assert.Equal("tiny", (await machine.CallAsync(version, "{}", deadline.Token)).Value.GetString());
    }

    [Fact]
    public async Task ThePackageManagersErrorOfAMissingPackageIsShown()
    {
        using var deadline = RuntimeMachine.Deadline();
        var fault = (await machine.BuildAsync([("main.py", Code), ("requirements.txt", "no-such-wheel==3.1")], null, deadline.Token)).Fault;
        Assert.Equal(FaultCode.DependencyFailed, fault.Code);
        Assert.Contains("no-such-wheel==3.1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("No matching distribution", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryLineThatReadsElsewhereIsNamed()
    {
        using var deadline = RuntimeMachine.Deadline();
        string[] lines = ["-e .", "-r other.txt", "git+https://example.org/x.git", "x @ https://example.org/x.whl", "x @ file:///etc/passwd", "--index-url https://example.org", "--extra-index-url=https://example.org"];
        var fault = (await machine.BuildAsync([("main.py", Code), ("requirements.txt", string.Join('\n', lines))], null, deadline.Token)).Fault;
        Assert.Equal(FaultCode.DeployRefused, fault.Code);
        foreach (var (index, line) in lines.Index())
        {
            Assert.Contains($"line {index + 1}: {line}: ", fault.Message, StringComparison.Ordinal);
        }
    }
}
