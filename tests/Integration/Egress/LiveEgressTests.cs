using System.Globalization;
using System.Text;
using System.Text.Json;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Runtime;
using ToolRuntime.Runtime.Hosting;
using ToolRuntime.Runtime.Live;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Tests.Integration.Runtime;

namespace ToolRuntime.Tests.Integration.Egress;

/// <summary>The way out of sandboxes that callers drive, by the commands that gateways send.</summary>
public sealed class LiveEgressTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-live-").FullName;
    private readonly CancellationTokenSource _deadline = RuntimeMachine.Deadline();
    private readonly string _id = Ids.New();
    private EgressServer _server = null!;
    private RuntimeService _runtime = null!;
    private string _runtimeId = "";

    private CancellationToken Within => _deadline.Token;

    private string Url => $"http://127.0.0.1:{_server.Port}/";

    public async ValueTask InitializeAsync()
    {
        _server = await EgressServer.StartAsync();
        var options = new RuntimeOptions { Pools = [], Live = new LiveOptions { Folder = _folder }, Build = new BuildOptions { NpmRegistry = Url } };
        _runtimeId = options.RuntimeId;
        _runtime = machine.NewRuntime(machine.Bus, options);
        await _runtime.StartAsync(Within);
    }

    public async ValueTask DisposeAsync()
    {
        await _runtime.StopAsync(Within);
        await _runtime.DisposeAsync();
        await _server.DisposeAsync();
        _deadline.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task RulesChangeByCommandHoldOverAPauseAndDecisionsAreWritten()
    {
        await CreateAsync(new SandboxSettings());
        Assert.Equal("403", await StatusAsync(Url));
        var looked = await DoAsync(Command(SandboxOperation.SetEgress) with { Egress = new EgressRules { Allow = ["127.0.0.1"] } });
        Assert.Equal(["127.0.0.1"], looked.Egress!.Allow);
        Assert.Equal("200", await StatusAsync(Url + "path?secret=1"));
        await DoAsync(Command(SandboxOperation.Pause));
        await DoAsync(Command(SandboxOperation.Resume));
        Assert.Equal("200", await StatusAsync(Url));
        var lines = new List<string>();
        await foreach (var line in machine.Bus.Logs.ReadAsync(Caller.LocalTenant, LiveEgress.LogOf(_id), 10, follow: true, Within))
        {
            lines.Add(line.Text);
            if (lines.Count == 3)
            {
                break;
            }
        }

        // A decision is written when its connection has ended, which is after the program's end: all three are there now.
        var decisions = (await DoAsync(Command(SandboxOperation.Decisions) with { Count = 10 })).Decisions;
        Assert.Equal([(false, "/"), (true, "/path"), (true, "/")], decisions.Select(d => (d.Allowed, d.Path!)));
        Assert.Single((await DoAsync(Command(SandboxOperation.Decisions))).Decisions);
        Assert.Equal(decisions, lines.Select(l => JsonSerializer.Deserialize(l, FunctionsJson.Default.EgressDecision)));
        Assert.DoesNotContain("secret", string.Concat(lines), StringComparison.Ordinal);
        await using var session = await machine.Bus.Topics.FollowSessionAsync(Caller.LocalTenant, _id, 0, Within);
        foreach (var line in lines)
        {
            var told = await session.NextAsync(Within) ?? await session.NextAsync(Within) ?? throw new InvalidOperationException("what stood was told twice");
            Assert.Equal(line, JsonElement.Parse(told.Event.Data.Span).GetProperty("text").GetString());
        }

        await DoAsync(Command(SandboxOperation.Kill));
    }

    [Fact]
    public async Task RulesThatCannotBeReadAreRefused()
    {
        await CreateAsync(new SandboxSettings());
        var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => DoAsync(Command(SandboxOperation.SetEgress) with { Egress = new EgressRules { Allow = ["fine.example", "not a host"] } }));
        Assert.Equal(FaultCode.InvalidArguments, refused.Fault.Code);
        Assert.Contains("not a host", refused.Fault.Message, StringComparison.Ordinal);
        await DoAsync(Command(SandboxOperation.Kill));
    }

    [Fact]
    public async Task WhoAsksForPackagesReachesTheMachinesMirrorsAndNothingElse()
    {
        await CreateAsync(new SandboxSettings { Packages = true });
        Assert.Equal("200", (await RunAsync("sh", "-c", "curl -s -o /dev/null -w '%{http_code}' $NPM_CONFIG_REGISTRY")).Trim());
        Assert.StartsWith(
            "HTTP/1.1 403 no rule allows nowhere.example:80",
            await RunAsync("sh", "-c", "curl -s -p --noproxy '' -D - -o /dev/null http://nowhere.example/"),
            StringComparison.Ordinal);
        Assert.Equal("403", await StatusAsync($"http://127.0.0.1:{(_server.Port + 1).ToString(CultureInfo.InvariantCulture)}/"));
        await DoAsync(Command(SandboxOperation.SetEgress) with { Egress = new EgressRules() });
        Assert.Equal("200", await StatusAsync(Url));
        await DoAsync(Command(SandboxOperation.Kill));
    }

    private SandboxCommand Command(SandboxOperation operation) => new() { Operation = operation, Tenant = Caller.LocalTenant, Id = _id };

    private async Task CreateAsync(SandboxSettings settings)
    {
        var create = new SandboxCreate { Tenant = Caller.LocalTenant, Id = _id, Template = "code", Source = "code", Settings = settings };
        var answer = await machine.Bus.Requests.RequestAsync(SandboxCreate.RequestName, JsonSerializer.SerializeToUtf8Bytes(create, FunctionsJson.Default.SandboxCreate), Within);
        Assert.NotNull(JsonSerializer.Deserialize(answer.Span, FunctionsJson.Default.SandboxAnswer)!.Record);
    }

    private async Task<SandboxAnswer> DoAsync(SandboxCommand command)
    {
        var answer = await machine.Bus.Requests.RequestAsync(SandboxCommand.RequestNameOf(_runtimeId), JsonSerializer.SerializeToUtf8Bytes(command, FunctionsJson.Default.SandboxCommand), Within);
        return JsonSerializer.Deserialize(answer.Span, FunctionsJson.Default.SandboxAnswer)!;
    }

    /// <summary>The status of a request that goes by the proxy, whatever NO_PROXY says of the address.</summary>
    private Task<string> StatusAsync(string url) => RunAsync("curl", "-s", "--noproxy", "", "-o", "/dev/null", "-w", "%{http_code}", url);

    private async Task<string> RunAsync(params string[] arguments)
    {
        await using var stream = await machine.Bus.Pipes.OpenAsync(new PipeAddress(Caller.LocalTenant, _id, PipeTarget.Agent, "") { Runtime = _runtimeId }, Within);
        await using var process = await AgentProcess.OpenAsync(stream, new AgentRequest { Op = AgentOperation.Spawn, Argv = arguments, Env = new Dictionary<string, string>(StringComparer.Ordinal) { ["no_proxy"] = "", ["NO_PROXY"] = "" } }, Within);
        var output = new StringBuilder();
        while (await process.ReadAsync(Within) is { } piece)
        {
            output.Append(Encoding.UTF8.GetString(piece.Data.Span));
        }

        return output.ToString();
    }
}
