using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway.Federation;

/// <summary>Tokens for remote servers: where they are got, how the gateway says who it is, and what is kept of them.</summary>
public sealed class TokenTests
{
    private const string Key = "s3cret+/%";
    private string _token = "";
    private string _refresh = "first";
    private string _resource = "/.well-known/oauth-protected-resource/mcp";
    private string _server = "/.well-known/oauth-authorization-server/as";
    private string? _method = "client_secret_post";
    private string _asked = "";

    [Theory]
    [InlineData("/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-authorization-server/as", "client_secret_post")]
    [InlineData("/.well-known/oauth-protected-resource", "/.well-known/openid-configuration/as", "client_secret_basic")]
    [InlineData("/where/the/challenge/says", "/as/.well-known/openid-configuration", null)]
    public async Task ATokenIsGotWhereverTheMetadataStands(string resource, string server, string? method)
    {
        (_resource, _server, _method) = (resource, server, method);
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(UpstreamKind.Modern);
        upstream.Guard = context => GuardAsync(context, upstream.Url);
        await StoreAsync(gateway, "CLIENT", Key);

        await RemoteServerTests.AddAsync(gateway, "docs", upstream, ",\"authorization\":{\"clientId\":\"me\",\"clientSecret\":\"CLIENT\"}");

        Assert.False((await new McpClient(gateway).CallAsync("docs_echo")).TryGetProperty("isError", out _));
        Assert.Contains("scope=read+write", _asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARefreshTokenThatIsExchangedIsStoredAnew()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await using var upstream = await UpstreamServer.StartAsync(UpstreamKind.Modern);
        upstream.Guard = context => GuardAsync(context, upstream.Url);
        await StoreAsync(gateway, "CLIENT", Key);
        await StoreAsync(gateway, "REFRESH", _refresh);
        await RemoteServerTests.AddAsync(gateway, "docs", upstream, ",\"authorization\":{\"clientId\":\"me\",\"clientSecret\":\"CLIENT\",\"refreshToken\":\"REFRESH\"}");
        var client = new McpClient(gateway);

        for (var i = 0; i < 3; i++)
        {
            _token = "revoked";
            Assert.False((await client.CallAsync("docs_echo")).TryGetProperty("isError", out _));
        }

        Assert.DoesNotContain("scope=", _asked, StringComparison.Ordinal);
    }

    private async Task<bool> GuardAsync(HttpContext context, Uri url)
    {
        var path = context.Request.Path.Value!;
        if (path == url.AbsolutePath && _token.Length > 0 && context.Request.Headers.Authorization == $"Bearer {_token}")
        {
            return false;
        }

        var answer = path == _resource ? JsonSerializer.Serialize(new { resource = url, authorization_servers = new[] { new Uri(url, "/as") }, scopes_supported = new[] { "read", "write" } })
            : path == _server ? JsonSerializer.Serialize(new { token_endpoint = new Uri(url, "/as/token"), token_endpoint_auth_methods_supported = _method is null ? null : new[] { _method } })
            : path == "/as/token" ? await TokenAsync(context.Request)
            : null;
        context.Response.StatusCode = answer is not null ? 200 : path == url.AbsolutePath ? 401 : 404;
        context.Response.Headers.WWWAuthenticate = context.Response.StatusCode == 401 ? $"Bearer resource_metadata=\"{new Uri(url, _resource)}\"" : default;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer ?? "{}");
        return true;
    }

    private async Task<string> TokenAsync(HttpRequest request)
    {
        var asked = await UpstreamServer.BodyAsync(request);
        var form = QueryHelpers.ParseQuery(asked);
        var isBasic = AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) && header.Scheme == "Basic";
        var said = isBasic
            ? Encoding.UTF8.GetString(Convert.FromBase64String(header!.Parameter!)).Split(':').Select(p => WebUtility.UrlDecode(p)).ToArray()
            : [form["client_id"].ToString(), form["client_secret"].ToString()];
        if (isBasic != (_method != "client_secret_post") || said is not ["me", Key] || (form["grant_type"] == "refresh_token" && form["refresh_token"] != _refresh))
        {
            return """{"error":"invalid_client"}""";
        }

        (_asked, _token, _refresh) = (asked, Guid.NewGuid().ToString("n"), Guid.NewGuid().ToString("n"));
        return JsonSerializer.Serialize(new { access_token = _token, refresh_token = _refresh, expires_in = "3600" });
    }

    private static async Task StoreAsync(GatewayInstance gateway, string name, string value)
    {
        using var body = new StringContent(value);
        using var stored = await gateway.Admin.PutAsync($"/admin/secrets/{name}", body, BusServer.Deadline());
        Assert.True(stored.IsSuccessStatusCode);
    }
}
