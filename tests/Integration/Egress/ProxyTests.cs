using System.Net;
using System.Net.Sockets;
using System.Text;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Runtime.Egress;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Egress;

/// <summary>The host's side of a sandbox's way out, against real servers.</summary>
public sealed class ProxyTests : IAsyncLifetime
{
    private static readonly EgressRules s_local = new() { Allow = ["127.0.0.1"] };
    private EgressServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await EgressServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(EgressKind.Connect)]
    [InlineData(EgressKind.Socks)]
    [InlineData(EgressKind.Http)]
    public async Task NothingGoesOutWithoutARule(string kind)
    {
        await using var machine = new ProxyMachine(new EgressRules());
        var isHttp = kind == EgressKind.Http;
        var (reply, stream) = await machine.OpenAsync(kind, "127.0.0.1", _server.Port, isHttp ? "GET" : null, isHttp ? "/x?secret=1" : null);
        await stream.DisposeAsync();
        Assert.Equal((false, AgentErrorCode.Denied), (reply.Ok, reply.Code));
        var decision = Assert.Single(await machine.DecisionsAsync());
        Assert.Equal((kind, "127.0.0.1", _server.Port, false), (decision.Kind, decision.Host, decision.Port, decision.Allowed));
        Assert.DoesNotContain("secret", decision.ToString(), StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task APlainRequestIsMadeAnewWithWhatTheRulesAdd()
    {
        await using var machine = new ProxyMachine(s_local with { Hosts = [Adds("127.0.0.1", "Authorization", "Bearer secret:TOKEN")] });
        machine.Secrets["TOKEN"] = "s3cret";
        var answer = await machine.RequestAsync("127.0.0.1", _server.Port, "GET /a?b HTTP/1.1\r\nHost: evil.example\r\nAuthorization: mine\r\nConnection: keep-alive\r\nX-Mine: 1\r\n\r\n", path: "/a?b");
        Assert.EndsWith("hello", answer.TrimEnd('\r', '\n', '0').TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", answer, StringComparison.Ordinal);
        Assert.True(_server.Requests.TryDequeue(out var got));
        Assert.Equal(("GET", "/a?b", "Bearer s3cret", $"127.0.0.1:{_server.Port}", "1", "close"), (got.Method, got.Target, got.Headers["Authorization"], got.Headers["Host"], got.Headers["X-Mine"], got.Headers["Connection"]));
        var decision = Assert.Single(await machine.DecisionsAsync());
        Assert.Equal((true, "GET", "/a"), (decision.Allowed, decision.Method, decision.Path));
        Assert.True(decision is { BytesOut: > 0, BytesIn: > 0 });
        Assert.All(machine.Lines, line => Assert.DoesNotContain("s3cret", line.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("POST", "/v1", "do not allow POST /v1")]
    [InlineData("GET", "/admin", "do not allow GET /admin")]
    public async Task MethodsAndPathsAreKept(string method, string path, string reason)
    {
        await using var machine = new ProxyMachine(s_local with { Hosts = [new EgressHostRule { Host = "127.0.0.1", Methods = ["GET"], Paths = ["/v1"] }] });
        Assert.Contains(reason, await machine.RequestAsync("127.0.0.1", _server.Port, $"{method} {path} HTTP/1.1\r\n\r\n", method, path), StringComparison.Ordinal);

        // What the head says counts, not what was told before.
        Assert.Contains(reason, await machine.RequestAsync("127.0.0.1", _server.Port, $"{method} {path} HTTP/1.1\r\n\r\n", "GET", "/v1"), StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
        Assert.All(await machine.DecisionsAsync(), d => Assert.False(d.Allowed));
    }

    [Fact]
    public async Task ATunnelToAHostWithRulesIsReadToo()
    {
        await using var machine = new ProxyMachine(s_local with { Hosts = [new EgressHostRule { Host = "127.0.0.1", Methods = ["GET"] }] });
        var (reply, stream) = await machine.OpenAsync(EgressKind.Socks, "127.0.0.1", _server.Port);
        Assert.True(reply.Ok);
        Assert.StartsWith("HTTP/1.1 403", await ProxyMachine.TalkAsync(stream, "DELETE / HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        await stream.DisposeAsync();
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task ARequestBehindARequestIsNotPassedOn()
    {
        await using var machine = new ProxyMachine(s_local);
        await machine.RequestAsync("127.0.0.1", _server.Port, "POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nokGET /admin HTTP/1.1\r\nHost: x\r\n\r\n", "POST", "/a");
        await machine.RequestAsync("127.0.0.1", _server.Port, "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n", "POST", "/b");
        await machine.DecisionsAsync();
        Assert.Equal(["/a", "/b"], _server.Requests.Select(r => r.Target));
    }

    [Fact]
    public async Task ATunnelCarriesBothDirectionsToTheirOwnEnds()
    {
        using var echo = new TcpListener(IPAddress.Loopback, 0);
        echo.Start();
        var port = ((IPEndPoint)echo.LocalEndpoint).Port;
        var sent = Encoding.ASCII.GetBytes(new string('x', 300_000));
        var serving = Task.Run(async () =>
        {
            using var client = await echo.AcceptTcpClientAsync(ProxyMachine.Within());
            var got = await ProxyMachine.ReadAsync(client.GetStream());
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{got.Length} bytes"), ProxyMachine.Within());
        });
        await using var machine = new ProxyMachine(s_local);
        var (reply, stream) = await machine.OpenAsync(EgressKind.Connect, "127.0.0.1", port);
        Assert.True(reply.Ok);
        await stream.WriteAsync(sent, ProxyMachine.Within());
        stream.Socket.Shutdown(SocketShutdown.Send);
        Assert.Equal("300000 bytes", await ProxyMachine.ReadAsync(stream));
        await stream.DisposeAsync();
        await serving;
        Assert.Equal((300_000L, 12L), (await machine.DecisionsAsync()) is [var d] ? (d.BytesOut, d.BytesIn) : default);
    }

    [Fact]
    public async Task ANameIsConnectedToWhereItWasCheckedAndNowhereElse()
    {
        var asked = 0;
        var clock = new StepClock();
        await using var machine = new ProxyMachine(new EgressRules { Allow = ["rebind.test", "127.0.0.1"] }, time: clock);
        machine.Resolve = _ => Task.FromResult<IPAddress[]>([++asked == 1 ? IPAddress.Loopback : IPAddress.Parse("169.254.169.254")]);
        Assert.Contains("hello", await machine.RequestAsync("rebind.test", _server.Port, "GET / HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.Contains("hello", await machine.RequestAsync("rebind.test", _server.Port, "GET / HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal(1, asked);
        clock.Advance(NameCache.Kept);
        Assert.Contains("private or reserved", await machine.RequestAsync("rebind.test", _server.Port, "GET / HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal((2, 2), (asked, _server.Requests.Count));
    }

    [Fact]
    public async Task ANameThatNobodyResolvesIsRefusedAndOneThatNothingAllowsNotAsked()
    {
        var asked = new List<string>();
        await using var machine = new ProxyMachine(new EgressRules { Allow = ["gone.test", "*.fine.test"] });
        machine.Resolve = name =>
        {
            asked.Add(name);
            throw new SocketException((int)SocketError.HostNotFound);
        };
        Assert.Contains("cannot be resolved", await machine.RequestAsync("gone.test", 80, ""), StringComparison.Ordinal);
        Assert.Contains("no rule allows", await machine.RequestAsync("data-in-a-name.evil.test", 80, ""), StringComparison.Ordinal);
        Assert.Equal(["gone.test"], asked);
    }

    [Fact]
    public async Task NewRulesCutWhatTheyDoNotAllow()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        await using var machine = new ProxyMachine(new EgressRules { Allow = ["127.0.0.1", "kept.test"] });
        var (_, cut) = await machine.OpenAsync(EgressKind.Connect, "127.0.0.1", port);
        var (_, read) = await machine.OpenAsync(EgressKind.Connect, "127.0.0.1", _server.Port);
        machine.Proxy.SetRules(new EgressRules { Allow = [$"127.0.0.1:{_server.Port}"] });
        Assert.Equal("", await ProxyMachine.ReadAsync(cut));
        Assert.Contains("hello", await ProxyMachine.TalkAsync(read, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        var (_, again) = await machine.OpenAsync(EgressKind.Connect, "127.0.0.1", _server.Port);
        machine.Proxy.SetRules(new EgressRules { Allow = ["127.0.0.1"], Hosts = [Adds("127.0.0.1", "X", "1")] });
        Assert.Equal("", await ProxyMachine.ReadAsync(again));
        Assert.Equal(
            [(port, false, "cut by new rules"), (_server.Port, false, "cut by new rules"), (_server.Port, false, "cut by new rules")],
            (await machine.DecisionsAsync()).Select(d => (d.Port, d.Allowed, d.Reason[..16])).OrderBy(d => d.Port != port));
    }

    [Fact]
    public async Task ALimitOfBytesIsKeptAndHoldsForAllConnections()
    {
        _server.Answer = context => context.Response.Body.WriteAsync(new byte[1_000_000]).AsTask();
        await using var machine = new ProxyMachine(s_local with { MaximumBytes = 200_000 });
        var answer = await machine.RequestAsync("127.0.0.1", _server.Port, "GET / HTTP/1.1\r\n\r\n");
        Assert.True(answer.Length <= 200_000);
        var (reply, stream) = await machine.OpenAsync(EgressKind.Connect, "127.0.0.1", _server.Port);
        Assert.Equal("", reply.Ok ? await ProxyMachine.TalkAsync(stream, "GET / HTTP/1.1\r\n\r\n") : "");
        await stream.DisposeAsync();
        Assert.Equal(200_000, machine.Proxy.Budget.Bytes);
        Assert.Contains((await machine.DecisionsAsync()), d => !d.Allowed && d.Reason.Contains("used up", StringComparison.Ordinal));
        machine.Proxy.SetRules(s_local with { MaximumBytes = 3_000_000 });
        Assert.True((await machine.RequestAsync("127.0.0.1", _server.Port, "GET / HTTP/1.1\r\n\r\n")).Length > 1_000_000);
    }

    [Fact]
    public async Task ALimitOfSpeedIsKept()
    {
        _server.Answer = context => context.Response.Body.WriteAsync(new byte[100_000]).AsTask();
        await using var machine = new ProxyMachine(s_local with { BytesPerSecond = 200_000 });
        var start = TimeProvider.System.GetTimestamp();
        Assert.True((await machine.RequestAsync("127.0.0.1", _server.Port, "GET / HTTP/1.1\r\n\r\n")).Length > 100_000);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0.35, 60);
    }

    [Fact]
    public async Task AHeadThatDripsIsGivenUp()
    {
        await using var machine = new ProxyMachine(s_local, patience: TimeSpan.FromMilliseconds(200));
        var (_, stream) = await machine.OpenAsync(EgressKind.Http, "127.0.0.1", _server.Port, "GET", "/");
        await stream.WriteAsync("GET / HTT"u8.ToArray(), ProxyMachine.Within());
        Assert.StartsWith("HTTP/1.1 408", await ProxyMachine.ReadAsync(stream), StringComparison.Ordinal);
        await stream.DisposeAsync();
    }

    [Fact]
    public async Task AHugeHeadIsRefused()
    {
        await using var machine = new ProxyMachine(s_local);
        Assert.StartsWith("HTTP/1.1 431", await machine.RequestAsync("127.0.0.1", _server.Port, "GET / HTTP/1.1\r\nA: " + new string('a', 70_000)), StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task ASecretThatIsNotThereClosesTheWay()
    {
        await using var machine = new ProxyMachine(s_local with { Hosts = [Adds("127.0.0.1", "Authorization", "Bearer secret:GONE")] });
        var answer = await machine.RequestAsync("127.0.0.1", _server.Port, "GET / HTTP/1.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 502", answer, StringComparison.Ordinal);
        Assert.Contains("secret GONE", answer, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task ASandboxHasABoundedNumberOfConnections()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start(EgressProxy.MostConnections);
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        await using var machine = new ProxyMachine(s_local);
        var streams = new List<NetworkStream>();
        for (var i = 0; i < EgressProxy.MostConnections; i++)
        {
            var (reply, stream) = await machine.OpenAsync(EgressKind.Connect, "127.0.0.1", port);
            Assert.True(reply.Ok, reply.Message);
            streams.Add(stream);
        }

        var (refused, last) = await machine.OpenAsync(EgressKind.Connect, "127.0.0.1", port);
        Assert.Contains("512 connections", refused.Message, StringComparison.Ordinal);
        foreach (var stream in streams.Append(last))
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task OnceItIsOverNothingGoesOut()
    {
        var machine = new ProxyMachine(s_local);
        var (_, open) = await machine.OpenAsync(EgressKind.Connect, "127.0.0.1", _server.Port);
        await machine.Proxy.DisposeAsync();
        Assert.Equal("", await ProxyMachine.ReadAsync(open));
        await open.DisposeAsync();
        Assert.Equal(0, machine.Proxy.Open);
        await machine.DisposeAsync();
    }

    private static EgressHostRule Adds(string host, string name, string value) =>
        new() { Host = host, Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [name] = value } };

    private sealed class StepClock : TimeProvider
    {
        private long _ticks = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
