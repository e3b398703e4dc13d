using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Tests.Integration.Runtime;

namespace ToolRuntime.Tests.Integration.CSharp;

/// <summary>A script from its package to a call, through queue, build and sandbox.</summary>
public sealed class ScriptBuildTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>
{
    [Fact]
    public async Task AScriptIsDeployedWithItsPackagesAndCalled()
    {
        using var deadline = RuntimeMachine.Deadline();
        const string source = "#r \"nuget: YamlDotNet, 16.3.0\"\nusing YamlDotNet.Serialization;\npublic int Read(string yaml) => new DeserializerBuilder().Build().Deserialize<Dictionary<string, int>>(yaml)[\"a\"];";
        var version = await machine.DeployAsync("read.csx", source, null, deadline.Token);
        Assert.Single(version.Layers, l => l.Kind == LayerKind.Assemblies);
        var ended = await machine.RunAsync(
            RuntimeMachine.Call(version, "Read", JsonSerializer.SerializeToUtf8Bytes(new { yaml = "a: 3" })) with { Deadline = DateTimeOffset.UtcNow + RuntimeMachine.Timeout }, deadline.Token);
        Assert.Equal(3, ended.Value.GetInt32());
    }

    [Theory]
    [InlineData("public int F() => \"x\";", FaultCode.LoadFailed, "x.csx:1: CS0029")]
    [InlineData("#r \"nuget: YamlDotNet\"\npublic int F() => 1;", FaultCode.DeployRefused, "x.csx:1: \"nuget: YamlDotNet\" names no package with an exact version")]
    [InlineData("#r \"nuget: YamlDotNet, 99.0.0\"\npublic int F() => 1;", FaultCode.DependencyFailed, "YamlDotNet")]
    public async Task ABadScriptIsRefusedWithItsReason(string source, FaultCode code, string message)
    {
        using var deadline = RuntimeMachine.Deadline();
        var fault = (await machine.BuildAsync([("x.csx", source)], null, deadline.Token)).Fault;
        Assert.Equal(code, fault.Code);
        Assert.Contains(message, fault.Message + fault.Detail, StringComparison.Ordinal);
    }
}
