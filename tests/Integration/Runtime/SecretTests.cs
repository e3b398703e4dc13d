using System.Collections.Concurrent;
using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Runtime;

/// <summary>A runtime asks a gateway for secrets: for the tenant and the names of the version, once for each sandbox.</summary>
public sealed class SecretTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>
{
    private const string Code = "import os\n\ndef told() -> str:\n    \"\"\"Tells.\"\"\"\n    return os.environ[\"TOKEN\"] + os.environ[\"PLAIN\"]\n";

    [Fact]
    public async Task ASecretIsAskedForOncePerSandboxAndNotPerCall()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await DeployAsync("often", deadline.Token);
        var asked = new ConcurrentQueue<SecretRequest>();
        await using var gateway = await machine.ConnectAsync(deadline.Token);
        await using var serving = gateway.Requests.Serve(SecretRequest.RequestName, 1, (request, _) => Answer(asked, request, "first-"));

        var first = await machine.CallAsync(version, "{}", deadline.Token);
        var second = await machine.CallAsync(version, "{}", deadline.Token);

        Assert.Equal("first-plain", first.Value.GetString());
        Assert.Equal("first-plain", second.Value.GetString());
        var request = Assert.Single(asked);
        Assert.Equal(Caller.LocalTenant, request.Tenant);
        Assert.Equal(["TOKEN"], request.Names);
    }

    [Fact]
    public async Task AGatewayThatComesLateIsWaitedFor()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await DeployAsync("late", deadline.Token);
        var call = machine.CallAsync(version, "{}", deadline.Token);
        await using var gateway = await machine.ConnectAsync(deadline.Token);
        await using var serving = gateway.Requests.Serve(SecretRequest.RequestName, 1, (request, _) => Answer([], request, "late-"));

        Assert.Equal("late-plain", (await call).Value.GetString());
    }

    [Fact]
    public async Task WithoutAGatewayTheCallFailsWithinTheDeadlineAndSaysWhy()
    {
        using var deadline = RuntimeMachine.Deadline();
        var version = await DeployAsync("alone", deadline.Token);

        var fault = (await machine.CallAsync(version, "{}", deadline.Token)).Fault;

        Assert.Equal(FaultCode.BusUnavailable, fault.Code);
        Assert.Contains("no gateway gave its secrets (TOKEN) within 10 s", fault.Message, StringComparison.Ordinal);
        Assert.Contains("toolrt up --role gateway", fault.Hint, StringComparison.Ordinal);
    }

    private static ValueTask<ReadOnlyMemory<byte>> Answer(ConcurrentQueue<SecretRequest> asked, ReadOnlyMemory<byte> request, string value)
    {
        asked.Enqueue(JsonSerializer.Deserialize(request.Span, FunctionsJson.Default.SecretRequest)!);
        var values = new SecretValues(new Dictionary<string, string>(StringComparer.Ordinal) { ["TOKEN"] = value });
        return new(JsonSerializer.SerializeToUtf8Bytes(values, FunctionsJson.Default.SecretValues));
    }

    private Task<FunctionVersion> DeployAsync(string name, CancellationToken cancellationToken) =>
        machine.DeployAsync("told.py", Code, new { name, secrets = new[] { "TOKEN" }, environment = new { PLAIN = "plain" } }, cancellationToken);
}
