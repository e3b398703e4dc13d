using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>Idempotency keys, state and mailboxes over HTTP and MCP.</summary>
public sealed class KeepingTests
{
    [Fact]
    public async Task ASecondCallWithTheSameKeyJoinsTheFirstOrGetsItsResult()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var (runs, begun, goOn) = (0, new TaskCompletionSource(), new TaskCompletionSource());
        await gateway.DeployAsync("pay", async _ =>
        {
            var run = Interlocked.Increment(ref runs);
            begun.TrySetResult();
            await goOn.Task;
            return $$"""{"value":{{run}}}""";
        });
        var first = PostAsync(gateway, "pay", """{"a":1}""", "order-1");
        await begun.Task.WaitAsync(BusServer.Limit);
        var second = PostAsync(gateway, "pay", """{"a":1}""", "order-1");
        using var other = await PostAsync(gateway, "pay", """{"a":2}""", "order-1");
        goOn.SetResult();
        using var third = await PostAsync(gateway, "pay", """{"a":1}""", "order-1");
        using var fresh = await PostAsync(gateway, "pay", """{"a":1}""", "order-2");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Contains("IdempotencyMismatch", await other.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        HttpResponseMessage[] same = [await first, await second, third];
        Assert.All(same, s => Assert.Equal("""{"value":1}""", s.Content.ReadAsStringAsync().Result));
        Assert.Single(same.Select(s => s.Headers.GetValues("X-Invocation").Single()).Distinct());
        Assert.Equal("""{"value":2}""", await fresh.Content.ReadAsStringAsync());
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task StateIsReadAndSwappedByItsTag()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var path = $"/v1/state/session/{Ids.New()}/a/b";
        using var made = await SendAsync(gateway, HttpMethod.Put, path, """{"n":1}""", "If-None-Match", "*");
        using var again = await SendAsync(gateway, HttpMethod.Put, path, "2", "If-None-Match", "*");
        using var swapped = await SendAsync(gateway, HttpMethod.Put, path, """{"n":2}""", "If-Match", made.Headers.ETag!.Tag);
        using var read = await gateway.Client.GetAsync(path);
        var list = await gateway.Client.GetFromJsonAsync<JsonElement>($"{path[..^4]}?prefix=a");

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.PreconditionFailed, HttpStatusCode.NoContent), (made.StatusCode, again.StatusCode, swapped.StatusCode));
        Assert.Equal(made.Headers.ETag, again.Headers.ETag);
        Assert.Equal(("""{"n":2}""", swapped.Headers.ETag), (await read.Content.ReadAsStringAsync(), read.Headers.ETag));
        Assert.Equal("a/b", list.GetProperty("keys")[0].GetProperty("key").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Client.GetAsync("/v1/state/tenant/a/b")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.Client.DeleteAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Client.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(gateway, HttpMethod.Put, path, "no json", "X-None", "1")).StatusCode);
    }

    [Fact]
    public async Task AgentsRememberByTools()
    {
        await using var gateway = await GatewayInstance.StartAsync(hasStateTools: true);
        var session = Ids.New();
        async Task<string> DoAsync(string tool, string arguments)
        {
            using var answer = await gateway.Client.PostAsync($"/v1/tools/{tool}", new StringContent(arguments, Encoding.UTF8, "application/json"));
            return await answer.Content.ReadAsStringAsync();
        }

        Assert.Contains("no lasting session", await DoAsync("state_get", """{"key":"k"}"""), StringComparison.Ordinal);
        Assert.Contains("\"revision\":", await DoAsync("state_put", $$"""{"key":"k","value":[1],"session":"{{session}}"}"""), StringComparison.Ordinal);
        Assert.Contains("\"conflict\":true", await DoAsync("state_put", $$"""{"key":"k","value":2,"ifRevision":0,"session":"{{session}}"}"""), StringComparison.Ordinal);
        Assert.StartsWith("""{"value":{"value":[1],""", await DoAsync("state_get", $$"""{"key":"k","session":"{{session}}"}"""), StringComparison.Ordinal);
        Assert.Contains("\"key\":\"k\"", await DoAsync("state_list", $$"""{"session":"{{session}}"}"""), StringComparison.Ordinal);
        Assert.Equal("""{"value":{"deleted":true}}""", await DoAsync("state_delete", $$"""{"key":"k","session":"{{session}}"}"""));
    }

    [Fact]
    public async Task AMailboxIsUsedOverHttp()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var box = $"/v1/mailboxes/box{Ids.New()}";
        await PostJsonAsync(gateway, $"{box}/messages", """{"body":{"n":1},"key":"k"}""");
        Assert.True((await PostJsonAsync(gateway, $"{box}/messages", """{"body":{"n":1},"key":"k"}""")).GetProperty("duplicate").GetBoolean());
        var asking = PostJsonAsync(gateway, $"{box}/requests", """{"body":2,"timeout":60}""");
        var received = new List<JsonElement>();
        while (received.Count < 2)
        {
            received.AddRange((await gateway.Client.GetFromJsonAsync<JsonElement>($"{box}/messages?max=5&wait=30&lease=60")).GetProperty("messages").EnumerateArray());
        }

        await PostJsonAsync(gateway, $"{box}/replies", $$"""{"replyTo":"{{received.Single(m => m.TryGetProperty("replyTo", out _)).GetProperty("replyTo").GetString()}}","body":"yes"}""");
        Assert.Equal("yes", (await asking).GetProperty("body").GetString());
        var acked = await PostJsonAsync(gateway, $"{box}/ack", $$"""{"ids":["{{received[0].GetProperty("id").GetString()}}","none"]}""");
        Assert.Equal((1, "none"), (acked.GetProperty("acked").GetArrayLength(), acked.GetProperty("lost")[0].GetString()));
        Assert.Contains(box[14..], (await gateway.Client.GetStringAsync("/v1/mailboxes")), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> PostAsync(GatewayInstance gateway, string tool, string arguments, string key) =>
        SendAsync(gateway, HttpMethod.Post, $"/v1/tools/{tool}", arguments, "Idempotency-Key", key);

    private static async Task<HttpResponseMessage> SendAsync(GatewayInstance gateway, HttpMethod method, string path, string body, string header, string value)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation(header, value);
        return await gateway.Client.SendAsync(request, BusServer.Deadline());
    }

    private static async Task<JsonElement> PostJsonAsync(GatewayInstance gateway, string path, string body)
    {
        using var answer = await gateway.Client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), BusServer.Deadline());
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }
}
