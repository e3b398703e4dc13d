using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Agent;

/// <summary>The way out of a sandbox that has no network: curl in gVisor, a server here, and a handler that decides.</summary>
public sealed class EgressTests : IAsyncDisposable
{
    private static readonly Dictionary<string, string> s_proxies = new()
    {
        ["http_proxy"] = "http://127.0.0.1:3128",
        ["https_proxy"] = "http://127.0.0.1:3128",
    };

    private static readonly Dictionary<string, string> s_socks = new() { ["ALL_PROXY"] = "socks5h://127.0.0.1:1080" };
    private readonly ConcurrentQueue<EgressRequest> _asked = new();
    private AgentInSandbox? _agent;
    private OutsideServer? _server;

    public async ValueTask DisposeAsync()
    {
        await (_agent?.DisposeAsync() ?? default);
        await (_server?.DisposeAsync() ?? default);
    }

    [Fact]
    public async Task PlainRequestsGoOutWithMethodAndPath()
    {
        await StartAsync();

        Assert.Equal("GET /some/path?q=1 plain.test 0", await CurlAsync(s_proxies, "http://plain.test/some/path?q=1"));
        Assert.Equal("POST /up plain.test 1000000", await CurlAsync(s_proxies, "-X POST --data-binary @/tmp/large http://plain.test/up", "head -c 1000000 /dev/zero > /tmp/large"));
        Assert.Equal("PUT /up plain.test 300000", await CurlAsync(s_proxies, "-T - http://plain.test/up < /tmp/large", "head -c 300000 /dev/zero > /tmp/large"));
        Assert.Equal("GET /1 plain.test 0GET /2 plain.test 0", await CurlAsync(s_proxies, "http://plain.test/1 http://plain.test/2"));

        Assert.Equal(new EgressRequest(AgentOperation.Egress, EgressKind.Http, "plain.test", 80, "GET", "/some/path?q=1"), _asked.First());
    }

    [Fact]
    public async Task TlsGoesOutByConnectAndByName()
    {
        await StartAsync();

        Assert.Equal("GET /x secure.test 0", await CurlAsync(s_proxies, "-k https://secure.test/x"));
        Assert.Equal("GET /y secure.test 0", await CurlAsync(s_socks, "-k https://secure.test/y"));
        Assert.Equal("GET /z named.test 0", await CurlAsync(s_socks, "http://named.test/z"));

        Assert.Equal([("connect", "secure.test", 443), ("socks", "secure.test", 443), ("socks", "named.test", 80)], _asked.Select(request => (request.Kind, request.Host, request.Port)));
    }

    [Fact]
    public async Task LargeAnswersComeWholeAndManyAtOnce()
    {
        await StartAsync();

        Assert.Equal("20000000", await CurlAsync(s_proxies, "http://plain.test/bytes/20000000 | wc -c"));
        Assert.Equal("5000000", await CurlAsync(s_socks, "-k https://secure.test/bytes/5000000 | wc -c"));
        Assert.Equal("40", await CurlAsync(s_proxies, "-Z --parallel-max 40 'http://plain.test/bytes/[100000-100039]' -o '/tmp/#1'; cat /tmp/10* | wc -c > /tmp/sum; ls /tmp/1000?? | wc -l"));
    }

    [Fact]
    public async Task RefusalsReachTheProgram()
    {
        await StartAsync();

        Assert.Equal("denied.test is not allowed.\n403", await CurlAsync(s_proxies, "-w '%{http_code}' http://denied.test/"));
        Assert.Equal("000403", await CurlAsync(s_proxies, "-k -w '%{http_code}%{http_connect}' https://denied.test/ || true"));
        Assert.Equal("No such host.\n502", await CurlAsync(s_proxies, "-w '%{http_code}' http://nowhere.test/"));
        Assert.Equal("97 2 97 4", await CurlAsync(s_socks, "-w '%{exitcode} %{proxy_used}' http://denied.test/ >/dev/null; echo -n \"$? 2 \"; curl -s http://nowhere.test/; echo -n \"$? 4\""));
        Assert.Equal("400", await CurlAsync([], "-o /dev/null -w '%{http_code}' http://127.0.0.1:3128/"));

        _agent!.Client.OnOpened = null;
        Assert.Equal("502", await CurlAsync(s_proxies, "-o /dev/null -w '%{http_code}' http://plain.test/"));
    }

    [Fact]
    public async Task ARestoredSandboxGoesOutAgain()
    {
        await StartAsync();
        Assert.Equal("GET /before plain.test 0", await CurlAsync(s_proxies, "http://plain.test/before"));
        var first = _agent!;
        var image = await first.CheckpointAsync();

        _agent = await first.RestoreAsync(image, epoch: 2);
        _agent.Client.OnOpened = ConnectAsync;

        Assert.Equal("GET /after plain.test 0", await CurlAsync(s_proxies, "http://plain.test/after"));
        await _agent.Client.ListenForEgressAsync(3128, 1080, AgentOnHost.Within());
        Assert.Equal("GET /again plain.test 0", await CurlAsync(s_socks, "http://plain.test/again"));
    }

    [Fact]
    public async Task PortsThatCannotBeHadAreSaid()
    {
        await StartAsync();

        async Task<string> CodeAsync(int http, int socks) =>
            (await Assert.ThrowsAsync<AgentException>(async () => await _agent!.Client.ListenForEgressAsync(http, socks, AgentOnHost.Within()))).Code;

        Assert.Equal(AgentErrorCode.Exists, await CodeAsync(1080, 3128));
        Assert.Equal(AgentErrorCode.BadRequest, await CodeAsync(0, 1080));
    }

    private async Task StartAsync()
    {
        _agent = await AgentInSandbox.StartAsync();
        _server = await OutsideServer.StartAsync();
        _agent.Client.OnOpened = ConnectAsync;
        await _agent.Client.ListenForEgressAsync(3128, 1080, AgentOnHost.Within());
    }

    /// <summary>Every name leads to the server, except for two.</summary>
    private async ValueTask ConnectAsync(EgressRequest request, Stream stream, CancellationToken cancellationToken)
    {
        _asked.Enqueue(request);
        if (request.Host is "denied.test" or "nowhere.test")
        {
            var refusal = request.Host == "denied.test"
                ? new AgentReply { Code = AgentErrorCode.Denied, Message = "denied.test is not allowed." }
                : new AgentReply { Code = AgentErrorCode.NotFound, Message = "No such host." };
            await AgentExchange.ReplyAsync(stream, refusal, cancellationToken);
            return;
        }

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, request.Port == 443 ? _server!.TlsPort : _server!.PlainPort, cancellationToken);
        await using var outside = new NetworkStream(socket, ownsSocket: false);
        await AgentExchange.ReplyAsync(stream, AgentReply.Done, cancellationToken);
        var up = UploadAsync(stream, outside, socket, cancellationToken);
        await outside.CopyToAsync(stream, cancellationToken);
        AgentClient.EndWriting(stream);
        await up;
    }

    private static async Task UploadAsync(Stream stream, NetworkStream outside, Socket socket, CancellationToken cancellationToken)
    {
        try
        {
            await stream.CopyToAsync(outside, cancellationToken);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (IOException)
        {
            // The program went away, which it may.
        }
    }

    private async Task<string> CurlAsync(Dictionary<string, string> environment, string arguments, string before = ":")
    {
        var spec = AgentOnHost.Bash($"{before}; curl -sS {arguments}") with { Environment = environment };
        await using var process = await _agent!.Client.SpawnAsync(spec, AgentOnHost.Within());
        var (output, error, exit) = await AgentOnHost.ReadToEndAsync(process);
        Assert.True(exit.ExitCode == 0, $"{exit.ExitCode}: {output}{error}");
        return output.TrimEnd('\n');
    }
}
