using System.Text;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Runtime.Egress;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Tests.Integration.Sandbox;

namespace ToolRuntime.Tests.Integration.Egress;

/// <summary>The whole way out of a sandbox of gVisor, with the programs that people use.</summary>
public sealed class SandboxEgressTests : IAsyncLifetime
{
    private static readonly PoolKind s_code = new("code", FunctionLanguage.Sandbox);
    private readonly CancellationTokenSource _deadline = SandboxMachine.Deadline();
    private SandboxMachine _sandboxes = null!;
    private EgressServer _server = null!;

    private CancellationToken Within => _deadline.Token;

    private static EgressRules Local => new() { Allow = ["server.test", "127.0.0.1"] };

    private static EgressRules Adding => Local with
    {
        Hosts = [new EgressHostRule { Host = "server.test", Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = "Bearer secret:TOKEN" } }],
    };

    public async ValueTask InitializeAsync()
    {
        _server = await EgressServer.StartAsync();
        _sandboxes = await SandboxMachine.StartAsync(null, Within);
    }

    public async ValueTask DisposeAsync()
    {
        await _sandboxes.DisposeAsync();
        await _server.DisposeAsync();
        _deadline.Dispose();
    }

    [Fact]
    public async Task NothingGoesOutByDefault()
    {
        await using var machine = new ProxyMachine(new EgressRules());
        await using var lease = await PrepareAsync(machine, s_code);
        var python = """
            import os, socket
            def tried(what, family, kind, address):
                try:
                    s = socket.socket(family, kind); s.settimeout(5)
                    s.connect(address); s.send(b'x'); print(what, 'WENT OUT')
                except OSError as error:
                    print(what, 'refused')
            tried('tcp', socket.AF_INET, socket.SOCK_STREAM, ('8.8.8.8', 53))
            tried('udp', socket.AF_INET, socket.SOCK_DGRAM, ('8.8.8.8', 53))
            tried('six', socket.AF_INET6, socket.SOCK_STREAM, ('2001:4860:4860::8888', 53))
            tried('meta', socket.AF_INET, socket.SOCK_STREAM, ('169.254.169.254', 80))
            tried('host', socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', PORT))
            tried('raw', socket.AF_INET, socket.SOCK_RAW, ('8.8.8.8', 0))
            try:
                print('dns', socket.getaddrinfo('example.com', 80))
            except OSError:
                print('dns refused')
            print('nets', sorted(name for _, name in socket.if_nameindex()))
            """.Replace("PORT", _server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("tcp refused\nudp refused\nsix refused\nmeta refused\nhost refused\nraw refused\ndns refused\nnets ['lo']\n", await RunAsync(lease, "python3", "-c", python));
        Assert.Equal("403", await RunAsync(lease, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", $"http://server.test:{_server.Port}/"));
        Assert.Equal("000 403", await RunAsync(lease, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{http_connect}", $"https://server.test:{_server.TlsPort}/"));
        Assert.Empty(_server.Requests);
        Assert.All(await machine.DecisionsAsync(), d => Assert.False(d.Allowed));
    }

    [Theory]
    [InlineData("code")]
    [InlineData("base")]
    public async Task ProgramsGoOutAsTheyAreAndNeverSeeWhatIsAdded(string image)
    {
        await using var machine = new ProxyMachine(Adding, _server.Authority);
        machine.Secrets["TOKEN"] = "s3cret";
        await using var lease = await PrepareAsync(machine, new PoolKind(image, FunctionLanguage.Sandbox));
        var (http, https) = ($"http://server.test:{_server.Port}", $"https://server.test:{_server.TlsPort}");
        Assert.Equal("hello", await RunAsync(lease, "curl", "-sS", http + "/curl"));
        Assert.Equal("hello", await RunAsync(lease, "curl", "-sS", https + "/curl-tls"));
        Assert.Equal("hello", await RunAsync(lease, "curl", "-sS", "--noproxy", "", "-x", "socks5h://127.0.0.1:1080", https + "/socks"));
        const string Python = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], data=b'x' * 100000 if 'post' in sys.argv[1] else None).read().decode(), end='')";
        Assert.Equal("hello", await RunAsync(lease, "python3", "-c", Python, http + "/urllib-post"));
        Assert.Equal("hello", await RunAsync(lease, "python3", "-c", Python, https + "/urllib-post-tls"));
        const string Node = "const r = await fetch(process.argv[1]); process.stdout.write(await r.text());";
        Assert.Equal("hello", await RunAsync(lease, "node", "--no-warnings", "--input-type=module", "-e", Node, http + "/node"));
        Assert.Equal("hello", await RunAsync(lease, "node", "--no-warnings", "--input-type=module", "-e", Node, https + "/node-tls"));
        Assert.Equal(
            ["/curl", "/curl-tls", "/socks", "/urllib-post", "/urllib-post-tls", "/node", "/node-tls"],
            _server.Requests.Select(r => r.Target));
        Assert.All(_server.Requests, r => Assert.Equal("Bearer s3cret", r.Headers["Authorization"]));
        var seen = await RunAsync(lease, "sh", "-c", $"curl -sv {https}/look 2>&1; printenv; cat /run/toolrt/*; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'");
        Assert.Contains("hello", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", seen, StringComparison.Ordinal);
        var kernel = (await lease.Agent.ListProcessesAsync(Within)).Single(p => p.Id == lease.WorkerId);
        Assert.Contains($"HTTP_PROXY=http://127.0.0.1:{SandboxProxies.HttpPort}", await RunAsync(lease, "sh", "-c", $"tr '\\0' '\\n' </proc/{kernel.Pid}/environ"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARedirectLeadsNowhereThatTheRulesDoNot()
    {
        _server.Answer = context =>
        {
            context.Response.Redirect("http://169.254.169.254/latest/meta-data/");
            return Task.CompletedTask;
        };
        await using var machine = new ProxyMachine(Local with { AllowsRest = true });
        await using var lease = await PrepareAsync(machine, s_code);
        var answer = await RunAsync(lease, "curl", "-sSL", "-w", " %{http_code}", $"http://server.test:{_server.Port}/");
        Assert.Contains("private or reserved address", answer, StringComparison.Ordinal);
        Assert.EndsWith(" 403", answer, StringComparison.Ordinal);
        foreach (var spelling in (string[])["http://2852039166/", "http://0xa9fea9fe/", "http://[::ffff:169.254.169.254]/", "http://[fd00:ec2::254]/", "http://169.254.169.254.:80/"])
        {
            Assert.EndsWith(" 403", await RunAsync(lease, "curl", "-sS", "-w", " %{http_code}", spelling), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task RulesChangeUnderWhatRuns()
    {
        _server.Answer = async context =>
        {
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };
        await using var machine = new ProxyMachine(new EgressRules());
        await using var lease = await PrepareAsync(machine, s_code);
        var url = $"http://server.test:{_server.Port}/";
        Assert.Equal("403", await RunAsync(lease, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url));
        machine.Proxy.SetRules(Local);
        await using var streaming = await lease.Agent.SpawnAsync(new ProcessSpec { Arguments = ["curl", "-sN", url] }, Within);
        Assert.Equal("begun"u8.ToArray(), (await streaming.ReadAsync(Within))!.Value.Data.ToArray());
        machine.Proxy.SetRules(new EgressRules());
        Assert.Null(await streaming.ReadAsync(Within));
        Assert.Equal([false, false], (await machine.DecisionsAsync()).Select(d => d.Allowed));
    }

    [Fact]
    public async Task ARestoredSandboxGoesOutUnderTheRulesOfNow()
    {
        var folder = Path.Combine(_sandboxes.Folder, "checkpoint");
        await using (var before = new ProxyMachine(Local))
        {
            var lease = await PrepareAsync(before, s_code);
            Assert.Equal("hello", await RunAsync(lease, "curl", "-sS", $"http://server.test:{_server.Port}/"));
            await lease.CheckpointAsync(folder, Within);
        }

        await using var machine = new ProxyMachine(Local);
        await using var restored = await _sandboxes.Pools.RestoreAsync(folder, new RestoreRequest("local", new FunctionLimits()), Within);
        restored.Agent.OnOpened = machine.Proxy.ServeAsync;
        Assert.Equal("hello", await RunAsync(restored, "curl", "-sS", $"http://server.test:{_server.Port}/"));
        machine.Proxy.SetRules(new EgressRules());
        Assert.Equal("403", await RunAsync(restored, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", $"http://server.test:{_server.Port}/"));
    }

    private static async Task<string> RunAsync(ISandboxLease lease, params string[] arguments) =>
        (await SandboxMachine.RunAsync(lease, ProxyMachine.Within(), arguments)).Output;

    private async Task<ISandboxLease> PrepareAsync(ProxyMachine machine, PoolKind kind)
    {
        var lease = await _sandboxes.LeaseAsync(kind, Within);
        await EgressSetup.TrustAsync(lease.Agent, machine.Authority.Pem, Within);
        lease.Agent.OnOpened = machine.Proxy.ServeAsync;
        return lease;
    }
}
