using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>Who may call, from where, and what of a call's circumstances reaches the function.</summary>
public sealed class AccessTests : IDisposable
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private const string TraceState = "congo=t61rcWkgMzE";
    private readonly string _keys = Path.GetTempFileName();

    public void Dispose() => File.Delete(_keys);

    [Theory]
    [InlineData("evil.example", null, HttpStatusCode.Forbidden, "Host 'evil.example'")]
    [InlineData("127.0.0.1", "https://evil.example", HttpStatusCode.Forbidden, "Origin 'https://evil.example'")]
    [InlineData("127.0.0.1", "http://localhost:6274", HttpStatusCode.OK, "")]
    [InlineData("tools.example", "https://app.example", HttpStatusCode.OK, "")]
    public async Task ForeignHostsAndOriginsAreRefusedByName(string host, string? origin, HttpStatusCode status, string reason)
    {
        await using var gateway = await GatewayInstance.StartAsync(auth => auth with { AllowedHosts = ["tools.example"], AllowedOrigins = ["https://app.example"] });
        foreach (var path in (string[])["/mcp", "/v1/tools"])
        {
            using var request = path == "/mcp" ? McpTalk.Stateless("tools/list") : new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = host;
            if (origin is not null)
            {
                request.Headers.Add("Origin", origin);
            }

            using var response = await gateway.Client.SendAsync(request, BusServer.Deadline());

            Assert.Equal(status, response.StatusCode);
            Assert.Contains(reason, await response.Content.ReadAsStringAsync(BusServer.Deadline()), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AKeyIsItsTenantsAndNobodySeesAnothersTools()
    {
        await File.WriteAllTextAsync(_keys, "# ours\ne2b_0123456789abcdef acme ann\nthe-key-of-globex-42 globex gil\n", BusServer.Deadline());
        File.SetUnixFileMode(_keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var gateway = await GatewayInstance.StartAsync(auth => auth with { KeyFile = _keys });
        Caller? seen = null;
        gateway.Peer.Functions["own"] = call =>
        {
            seen = call.Invocation.Caller;
            return Task.FromResult("""{"value":1}""");
        };
        await gateway.DeployForAsync("acme", "own", new ToolDefinition { Name = "own", InputSchema = JsonElement.Parse("""{"type":"object"}""") });

        Assert.Equal(HttpStatusCode.OK, (await CallAsync(gateway, "e2b_0123456789abcdef")).Status);
        Assert.Equal(("acme", "ann"), (seen!.Tenant, seen.Subject));
        Assert.DoesNotContain("0123456789abcdef", seen.CredentialId, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync(gateway, "the-key-of-globex-42")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync(gateway, null)).Status);
        var (status, body) = await CallAsync(gateway, "no-such-key-at-all-99");
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.DoesNotContain("no-such-key-at-all-99", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short acme ann\n", 0b110_000_000, "line 1")]
    [InlineData("e2b_0123456789abcdef acme ann\nonly-two-words-here acme\n", 0b110_000_000, "line 2")]
    [InlineData("e2b_0123456789abcdef acme ann\n", 0b110_100_100, "chmod 600")]
    public void AKeyFileThatIsNotRightIsRefusedWithoutAKeyInTheMessage(string text, int mode, string message)
    {
        File.WriteAllText(_keys, text);
        File.SetUnixFileMode(_keys, (UnixFileMode)mode);

        var refused = Assert.Throws<InvalidOperationException>(() => KeyRing.Load(_keys)).Message;

        Assert.Contains(_keys, refused, StringComparison.Ordinal);
        Assert.Contains(message, refused, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void BeyondLoopbackWithoutAKeyFileNobodyIsServed()
    {
        var open = new AuthOptions { Addresses = [IPAddress.Any] };

        Assert.Contains("needs a key file", Assert.Throws<InvalidOperationException>(() => new CallerReader(open, new AdminToken(open))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheTraceContextComesByHeaderOrMetaAndGoesIntoTheCall()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var traces = new List<(string?, string?)>();
        await gateway.DeployAsync("traced", call =>
        {
            traces.Add((call.Invocation.TraceParent, call.Invocation.TraceState));
            return Task.FromResult("""{"value":1}""");
        });

        using var plain = new HttpRequestMessage(HttpMethod.Post, "/v1/tools/traced") { Content = new StringContent("{}") };
        using var byHeader = McpTalk.Stateless("tools/call", "\"name\":\"traced\",\"arguments\":{},", "traced");
        foreach (var request in new[] { plain, byHeader })
        {
            request.Headers.Add("traceparent", TraceParent);
            request.Headers.Add("tracestate", TraceState);
            using var response = await gateway.Client.SendAsync(request, BusServer.Deadline());
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        using var byMeta = McpTalk.Stateless("tools/call", "\"name\":\"traced\",\"arguments\":{},", "traced", $"\"traceparent\":\"{TraceParent}\",\"tracestate\":\"{TraceState}\",");
        using var answered = await gateway.Client.SendAsync(byMeta, BusServer.Deadline());

        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        Assert.Equal(Enumerable.Repeat<(string?, string?)>((TraceParent, TraceState), 3), traces);
    }

    [Fact]
    public async Task HealthReadinessAndMetricsAreServed()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await gateway.DeployAsync("counted", _ => Task.FromResult("""{"value":1}"""));
        using var called = await gateway.Client.PostAsync("/v1/tools/counted", new StringContent("{}"), BusServer.Deadline());
        using var health = await gateway.Client.GetAsync("/healthz", BusServer.Deadline());
        using var ready = await gateway.Client.GetAsync("/readyz", BusServer.Deadline());
        using var metrics = await gateway.Client.GetAsync("/metrics", BusServer.Deadline());
        var text = await metrics.Content.ReadAsStringAsync(BusServer.Deadline());

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (health.StatusCode, ready.StatusCode));
        Assert.Equal(MediaTypeHeaderValue.Parse("text/plain; version=0.0.4; charset=utf-8"), metrics.Content.Headers.ContentType);
        Assert.Contains("# TYPE toolrt_calls_total counter", text, StringComparison.Ordinal);
        Assert.Matches("(?m)^toolrt_calls_total\\{outcome=\"Completed\"\\} [1-9]", text);
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^(# (HELP|TYPE) [a-z0-9_]+ .+|[a-z0-9_]+(\\{[a-zA-Z_]+=\"[^\"]*\"(,[a-zA-Z_]+=\"[^\"]*\")*\\})? [-+0-9.eEInf]+)$", line));
    }

    private static async Task<(HttpStatusCode Status, string Body)> CallAsync(GatewayInstance gateway, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/tools/own") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.Add("X-API-Key", key);
        }

        using var response = await gateway.Client.SendAsync(request, BusServer.Deadline());
        return (response.StatusCode, await response.Content.ReadAsStringAsync(BusServer.Deadline()));
    }
}
