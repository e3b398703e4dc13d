using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Egress;

/// <summary>TLS out of a sandbox: carried as it is, or ended by the host where rules are about requests.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private static readonly EgressRules s_plain = new() { Allow = ["server.test", "other.test", "127.0.0.1"] };
    private EgressServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await EgressServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task WithoutRulesForItTlsIsCarriedFromEndToEnd()
    {
        await using var machine = new ProxyMachine(s_plain);
        var (answer, issuer) = await RequestAsync(machine, "server.test", "server.test", _server.Authority, "GET / HTTP/1.1\r\nHost: server.test\r\nConnection: close\r\n\r\n");
        Assert.Contains("hello", answer, StringComparison.Ordinal);
        Assert.Equal("CN=outside", issuer);
    }

    [Theory]
    [InlineData("server.test", "other.test")]
    [InlineData("other.test", "server.test")]
    public async Task ANameThatWasNotAskedForIsNotReached(string asked, string said)
    {
        await using var machine = new ProxyMachine(s_plain);
        await Assert.ThrowsAnyAsync<Exception>(() => RequestAsync(machine, asked, said, _server.Authority, "GET / HTTP/1.1\r\n\r\n"));
        var decision = Assert.Single(await machine.DecisionsAsync());
        Assert.False(decision.Allowed);
        Assert.Contains($"TLS asks for {said}", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoWayAroundANamesRulesLeadsOverItsAddress()
    {
        await using var machine = new ProxyMachine(s_plain with { Hosts = [new EgressHostRule { Host = "server.test", Methods = ["GET"] }] });
        await Assert.ThrowsAnyAsync<Exception>(() => RequestAsync(machine, "127.0.0.1", "server.test", _server.Authority, "DELETE / HTTP/1.1\r\n\r\n"));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task HeadersAreAddedWithinTlsAndTheSandboxNeverSeesThem()
    {
        await using var machine = new ProxyMachine(Adding("Bearer secret:TOKEN"), _server.Authority);
        machine.Secrets["TOKEN"] = "s3cret";
        using var authority = X509Certificate2.CreateFromPem(machine.Authority.Pem);
        var (answer, issuer) = await RequestAsync(machine, "server.test", "server.test", authority, "GET /a HTTP/1.1\r\nHost: evil.example\r\nAuthorization: mine\r\n\r\n");
        Assert.Contains("hello", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", answer, StringComparison.Ordinal);
        Assert.StartsWith("CN=toolrt egress authority", issuer, StringComparison.Ordinal);
        Assert.True(_server.Requests.TryDequeue(out var got));
        Assert.Equal(("Bearer s3cret", $"server.test:{_server.TlsPort}"), (got.Headers["Authorization"], got.Headers["Host"]));
        var decision = Assert.Single(await machine.DecisionsAsync());
        Assert.Equal((true, "GET", "/a"), (decision.Allowed, decision.Method, decision.Path));
    }

    [Fact]
    public async Task MethodsAreKeptWithinTls()
    {
        await using var machine = new ProxyMachine(s_plain with { Hosts = [new EgressHostRule { Host = "server.test", Methods = ["GET"] }] }, _server.Authority);
        using var authority = X509Certificate2.CreateFromPem(machine.Authority.Pem);
        var (answer, _) = await RequestAsync(machine, "server.test", "server.test", authority, "DELETE /a HTTP/1.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 403", answer, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
        Assert.False(Assert.Single(await machine.DecisionsAsync()).Allowed);
    }

    [Fact]
    public async Task AServerWhoseCertificateIsNotRightGetsNoRequest()
    {
        await using var machine = new ProxyMachine(Adding("1"));
        using var authority = X509Certificate2.CreateFromPem(machine.Authority.Pem);
        var (answer, _) = await RequestAsync(machine, "server.test", "server.test", authority, "GET / HTTP/1.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 502", answer, StringComparison.Ordinal);
        Assert.Contains("no TLS with server.test", answer, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task ACertificateOfAnotherNameIsNotTaken()
    {
        await using var machine = new ProxyMachine(s_plain with { Hosts = [new EgressHostRule { Host = "other.test", Methods = ["GET"] }] }, _server.Authority);
        using var authority = X509Certificate2.CreateFromPem(machine.Authority.Pem);
        var (answer, _) = await RequestAsync(machine, "other.test", "other.test", authority, "GET / HTTP/1.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 502", answer, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task AWebSocketGoesThroughWithWhatTheRulesAdd()
    {
        _server.Answer = async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[64];
            var got = await socket.ReceiveAsync(buffer, ProxyMachine.Within());
            await socket.SendAsync(buffer.AsMemory(0, got.Count), WebSocketMessageType.Text, true, ProxyMachine.Within());
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, ProxyMachine.Within());
        };
        await using var machine = new ProxyMachine(Adding("Bearer 1"), _server.Authority);
        using var authority = X509Certificate2.CreateFromPem(machine.Authority.Pem);
        var (_, stream) = await machine.OpenAsync(EgressKind.Connect, "server.test", _server.TlsPort);
        await using var tls = await HandshakeAsync(stream, "server.test", authority);
        await tls.WriteAsync("GET /ws HTTP/1.1\r\nHost: server.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"u8.ToArray(), ProxyMachine.Within());
        var head = new byte[1];
        for (var text = ""; !text.EndsWith("\r\n\r\n", StringComparison.Ordinal); text += (char)head[0])
        {
            await tls.ReadExactlyAsync(head, ProxyMachine.Within());
        }

        using var socket = WebSocket.CreateFromStream(tls, new WebSocketCreationOptions());
        await socket.SendAsync("hi"u8.ToArray(), WebSocketMessageType.Text, true, ProxyMachine.Within());
        var buffer = new byte[64];
        var echoed = await socket.ReceiveAsync(buffer, ProxyMachine.Within());
        Assert.Equal("hi"u8.ToArray(), buffer.AsSpan(0, echoed.Count));
        Assert.Equal("Bearer 1", _server.Requests.Single().Headers["Authorization"]);
    }

    private static EgressRules Adding(string value) => s_plain with
    {
        Hosts = [new EgressHostRule { Host = "server.test", Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = value } }],
    };

    private async Task<(string Answer, string Issuer)> RequestAsync(ProxyMachine machine, string asked, string said, X509Certificate2 trusted, string text)
    {
        var (reply, stream) = await machine.OpenAsync(EgressKind.Connect, asked, _server.TlsPort);
        Assert.True(reply.Ok, reply.Message);
        await using var tls = await HandshakeAsync(stream, said, trusted);
        return (await ProxyMachine.TalkAsync(tls, text), tls.RemoteCertificate!.Issuer);
    }

    private static async Task<SslStream> HandshakeAsync(Stream stream, string name, X509Certificate2 trusted)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(trusted);
        var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name, CertificateChainPolicy = policy }, ProxyMachine.Within());
            return tls;
        }
        catch (Exception error) when (error is AuthenticationException or IOException)
        {
            await tls.DisposeAsync();
            throw;
        }
    }
}
