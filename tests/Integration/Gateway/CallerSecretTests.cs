using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary><c>/secrets</c> of E2B's protocol by plain HTTP: whose they are, what is refused, and that no value comes out.</summary>
public sealed class CallerSecretTests : IDisposable
{
    private const string Acme = "e2b_0123456789abcdef";
    private const string Globex = "e2b_fedcba9876543210";
    private readonly string _keys = Path.GetTempFileName();

    public void Dispose() => File.Delete(_keys);

    [Fact]
    public async Task NobodySeesOrChangesAnothersSecretAndNoValueComesOut()
    {
        await using var gateway = await StartAsync();
        var (status, made) = await SendAsync(gateway, Acme, HttpMethod.Post, "/secrets", """{"name":"Key","value":"hush-of-acme","metadata":{"env":"test"}}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(("key", 1, "test"), (made.GetProperty("name").GetString(), made.GetProperty("currentVersion").GetInt32(), made.GetProperty("metadata").GetProperty("env").GetString()));
        var id = made.GetProperty("secretID").GetString()!;
        await SendAsync(gateway, Globex, HttpMethod.Post, "/secrets", """{"name":"key","value":"hush-of-globex"}""");

        foreach (var (method, body) in ((HttpMethod, string?)[])[(HttpMethod.Get, null), (HttpMethod.Post, """{"value":"stolen"}"""), (HttpMethod.Delete, null)])
        {
            var (refused, error) = await SendAsync(gateway, Globex, method, $"/secrets/{id}", body);
            Assert.Equal((HttpStatusCode.NotFound, 404), (refused, error.GetProperty("code").GetInt32()));
        }

        var seen = new StringBuilder(made.GetRawText());
        foreach (var key in new[] { Acme, Globex })
        {
            var (_, list) = await SendAsync(gateway, key, HttpMethod.Get, "/secrets");
            Assert.Equal(key == Acme, Assert.Single(list.EnumerateArray()).GetProperty("secretID").GetString() == id);
            seen.Append(list.GetRawText()).Append((await SendAsync(gateway, key, HttpMethod.Get, "/secrets/key")).Body.GetRawText());
        }

        var (_, updated) = await SendAsync(gateway, Acme, HttpMethod.Post, $"/secrets/{id}", """{"value":"hush-anew"}""");
        Assert.Equal((2, "test"), (updated.GetProperty("currentVersion").GetInt32(), updated.GetProperty("metadata").GetProperty("env").GetString()));
        seen.Append(updated.GetRawText()).Append(await gateway.Admin.GetStringAsync("/admin/secrets?tenant=acme"));
        Assert.DoesNotContain("hush", seen.ToString(), StringComparison.Ordinal);
        Assert.Equal("""{"secrets":["key"]}""", await gateway.Admin.GetStringAsync("/admin/secrets?tenant=acme"));
        Assert.Equal(("hush-anew", "hush-of-globex"), (await ValueAsync(gateway, "acme"), await ValueAsync(gateway, "globex")));

        Assert.Equal(HttpStatusCode.NoContent, (await SendAsync(gateway, Acme, HttpMethod.Delete, "/secrets/KEY")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(gateway, Acme, HttpMethod.Delete, "/secrets/key")).Status);
        Assert.Equal(FaultCode.LoadFailed, (await Assert.ThrowsAsync<FunctionFaultException>(() => ValueAsync(gateway, "acme"))).Fault.Code);
    }

    [Theory]
    [InlineData("", "body cannot be read")]
    [InlineData("[]", "body cannot be read")]
    [InlineData("""{"name":"a","value":7}""", "body cannot be read")]
    [InlineData("""{"name":"a","value":"hush\ud800"}""", "body cannot be read")]
    [InlineData("""{"name":"a","value":"hush","metadata":{"k":{}}}""", "body cannot be read")]
    [InlineData("""{"value":"hush"}""", "name is missing")]
    [InlineData("""{"name":"a/b","value":"hush"}""", "'a/b'")]
    [InlineData("""{"name":"sec_a","value":"hush"}""", "'sec_a'")]
    [InlineData("""{"name":"a"}""", "value is missing")]
    [InlineData("""{"name":"a","value":"hush","metadata":{"k":null}}""", "'k' has no value")]
    public async Task WhatIsNoSecretIsRefusedInTheProtocolsShape(string body, string said)
    {
        await using var gateway = await StartAsync();
        var (status, error) = await SendAsync(gateway, Acme, HttpMethod.Post, "/secrets", body);

        Assert.Equal((HttpStatusCode.BadRequest, 400), (status, error.GetProperty("code").GetInt32()));
        Assert.Contains(said, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.GetRawText(), StringComparison.Ordinal);
        Assert.Empty((await SendAsync(gateway, Acme, HttpMethod.Get, "/secrets")).Body.EnumerateArray());
    }

    [Fact]
    public async Task ANameIsTakenOnceAndPagesMissNothingThatIsDestroyedMeanwhile()
    {
        await using var gateway = await StartAsync();
        foreach (var name in new[] { "c", "a", "b" })
        {
            await SendAsync(gateway, Acme, HttpMethod.Post, "/secrets", $$"""{"name":"{{name}}","value":"v"}""");
        }

        var (taken, error) = await SendAsync(gateway, Acme, HttpMethod.Post, "/secrets", """{"name":"A","value":"v"}""");
        Assert.Equal((HttpStatusCode.Conflict, 409), (taken, error.GetProperty("code").GetInt32()));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(gateway, "e2b_0000000000000000", HttpMethod.Get, "/secrets")).Status);

        var names = new List<string>();
        string? token = "";
        do
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/secrets?limit=1&nextToken={token}") { Headers = { { "X-API-KEY", Acme } } };
            using var page = await gateway.Client.SendAsync(request, BusServer.Deadline());
            token = page.Headers.TryGetValues("x-next-token", out var next) ? next.Single() : null;
            var name = Assert.Single((await page.Content.ReadFromJsonAsync<JsonElement>(BusServer.Deadline())).EnumerateArray()).GetProperty("name").GetString()!;
            names.Add(name);
            await SendAsync(gateway, Acme, HttpMethod.Delete, $"/secrets/{name}");
        }
        while (token is not null);
        Assert.Equal(["a", "b", "c"], names);
    }

    private async Task<GatewayInstance> StartAsync()
    {
        await File.WriteAllTextAsync(_keys, $"{Acme} acme ann\n{Globex} globex gil\n", BusServer.Deadline());
        File.SetUnixFileMode(_keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return await GatewayInstance.StartAsync(auth => auth with { KeyFile = _keys });
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(GatewayInstance gateway, string key, HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { { "X-API-KEY", key } } };
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await gateway.Client.SendAsync(request, BusServer.Deadline());
        var text = await response.Content.ReadAsStringAsync(BusServer.Deadline());
        return (response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    /// <summary>What a runtime gets to fill headers with.</summary>
    private static async Task<string> ValueAsync(GatewayInstance gateway, string tenant)
    {
        var request = JsonSerializer.SerializeToUtf8Bytes(new SecretRequest(tenant, ["key"]), FunctionsJson.Default.SecretRequest);
        var answer = await gateway.Bus.Requests.RequestAsync(SecretRequest.RequestName, request, BusServer.Deadline());
        return JsonSerializer.Deserialize(answer.Span, FunctionsJson.Default.SecretValues)!.Values["key"];
    }
}
