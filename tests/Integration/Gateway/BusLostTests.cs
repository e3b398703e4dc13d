using System.Net;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>The message server is away: whatever is asked over HTTP is refused as a fault that names it, and says when to come again.</summary>
public sealed class BusLostTests
{
    [Fact]
    public async Task WhatNeedsTheBusIsRefusedAsUnavailable()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await gateway.DeployAsync("add", _ => Task.FromResult("""{"value":1}"""));
        await gateway.StopBusAsync();
        var (id, state) = (Ids.New(), $"/v1/state/session/{Ids.New()}");
        (HttpMethod Method, string Path, string? Body)[] asked =
        [
            (HttpMethod.Get, "/v1/jobs", null), (HttpMethod.Get, "/v1/jobs?dead=true", null), (HttpMethod.Get, $"/v1/jobs/{id}", null), (HttpMethod.Delete, $"/v1/jobs/{id}", null),
            (HttpMethod.Post, $"/v1/jobs/{id}/replay", ""), (HttpMethod.Post, $"/v1/jobs/{id}/answers", """{"responses":{}}"""),
            (HttpMethod.Get, "/v1/sessions", null), (HttpMethod.Get, $"/v1/sessions/{id}", null), (HttpMethod.Post, $"/v1/sessions/{id}/stop", ""), (HttpMethod.Delete, $"/v1/invocations/{id}", null),
            (HttpMethod.Get, $"{state}/a", null), (HttpMethod.Get, state, null), (HttpMethod.Put, $"{state}/a", "1"), (HttpMethod.Delete, "/v1/state/tenant/a", null),
            (HttpMethod.Get, "/v1/mailboxes", null), (HttpMethod.Get, "/v1/mailboxes/in/messages?wait=0", null), (HttpMethod.Post, "/v1/mailboxes/in/messages", """{"body":1}"""),
            (HttpMethod.Post, "/v1/tools/add?async=1", "{}"), (HttpMethod.Post, "/v1/tools/add", "{}"),
        ];

        var answers = await Task.WhenAll(asked.Select(a => AskAsync(gateway, a.Method, a.Path, a.Body)));

        Assert.All(answers, answer => Assert.Equal("503 BusUnavailable 1", answer.Split(": ")[1]));
    }

    private static async Task<string> AskAsync(GatewayInstance gateway, HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { { "Idempotency-Key", "once" } } };
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await gateway.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var title = response.Content.Headers.ContentType?.MediaType == "application/problem+json" ? JsonElement.Parse(text).GetProperty("title").GetString() : text;
        return $"{method} {path}: {(int)response.StatusCode} {title} {response.Headers.RetryAfter}";
    }
}
