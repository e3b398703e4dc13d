using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>Calls that nobody waits for, over plain HTTP.</summary>
public sealed class JobTests
{
    [Fact]
    public async Task AJobIsFoundByItsAddressUntilItsResultIsThere()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var go = new TaskCompletionSource();
        await gateway.DeployAsync("slow", async call =>
        {
            await call.EmitAsync(EventKind.Started, "{}");
            await call.EmitAsync(EventKind.Progress, """{"progress":1,"message":"half"}""");
            await go.Task;
            return """{"value":42}""";
        });

        using var accepted = await StartAsync(gateway, "slow?async=1");
        var address = accepted.Headers.Location!;
        var working = await UntilAsync(gateway, address, j => j.TryGetProperty("progress", out _));
        go.SetResult();
        var ended = await UntilAsync(gateway, address, j => j.GetProperty("state").GetString() == "completed");

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal("working", working.GetProperty("state").GetString());
        Assert.Equal("half", working.GetProperty("progress").GetProperty("message").GetString());
        Assert.Equal(42, ended.GetProperty("result").GetProperty("value").GetInt32());
        var listed = await JsonAsync(gateway, HttpMethod.Get, "/v1/jobs");
        Assert.Equal(address.ToString(), $"/v1/jobs/{listed.GetProperty("jobs")[0].GetProperty("id").GetString()}");
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Client.GetAsync($"/v1/jobs/{Ids.New()}")).StatusCode);
    }

    [Fact]
    public async Task DelayedJobsBeginOnceThoughTwoProcessesSweep()
    {
        const int Jobs = 20;
        await using var gateway = await GatewayInstance.StartAsync();
        var runs = new ConcurrentBag<string>();
        await gateway.DeployAsync("later", call =>
        {
            runs.Add(call.Invocation.Id);
            return Task.FromResult("""{"value":1}""");
        });
        using var ending = new CancellationTokenSource();
        Task[] sweeping = [gateway.Bus.Delayed.SweepAsync("one", ending.Token), gateway.Bus.Delayed.SweepAsync("two", ending.Token)];

        var addresses = new List<Uri>();
        for (var i = 0; i < Jobs; i++)
        {
            using var accepted = await StartAsync(gateway, "later?async=1&delay=0.5");
            addresses.Add(accepted.Headers.Location!);
        }

        using var far = await StartAsync(gateway, "later?async=1&delay=86400");
        foreach (var address in addresses)
        {
            await UntilAsync(gateway, address, j => j.GetProperty("state").GetString() == "completed");
        }

        await ending.CancelAsync();
        await Task.WhenAll(sweeping);
        Assert.Equal(Jobs, runs.Count);
        Assert.Equal(Jobs, runs.Distinct().Count());
        var waits = await JsonAsync(gateway, HttpMethod.Get, far.Headers.Location!.ToString());
        Assert.Equal("delayed", waits.GetProperty("state").GetString());

        // Begun now, on demand; and once only.
        await JsonAsync(gateway, HttpMethod.Post, $"{far.Headers.Location}/replay");
        await UntilAsync(gateway, far.Headers.Location!, j => j.GetProperty("state").GetString() == "completed");
        using var again = await gateway.Client.PostAsync($"{far.Headers.Location}/replay", null);
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.Equal(Jobs + 1, runs.Count);
    }

    [Fact]
    public async Task ADelayedJobThatIsCancelledNeverBegins()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await gateway.DeployAsync("later", _ => throw new InvalidOperationException("it began"));
        using var accepted = await StartAsync(gateway, "later?async=1&delay=3600");

        var cancelled = await JsonAsync(gateway, HttpMethod.Delete, accepted.Headers.Location!.ToString());

        Assert.Equal("cancelled", cancelled.GetProperty("state").GetString());
        using var replayed = await gateway.Client.PostAsync($"{accepted.Headers.Location}/replay", null);
        Assert.Equal(HttpStatusCode.BadRequest, replayed.StatusCode);
    }

    [Fact]
    public async Task ADeadCallIsShownWithItsArgumentsAndRepeatedUnderAnIdOfItsOwn()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        await gateway.DeployAsync("echo", call => Task.FromResult($$"""{"value":{{call.Arguments.GetProperty("n").GetRawText()}}}"""));
        var dead = BusServer.NewInvocation(arguments: """{"n":7}"""u8.ToArray()) with { Function = "echo", Tool = "echo" };
        await gateway.Bus.DeadLetters.AddAsync(dead, "it was taken five times", 5, BusServer.Deadline());

        var listed = await JsonAsync(gateway, HttpMethod.Get, "/v1/jobs?dead=true");
        var shown = await JsonAsync(gateway, HttpMethod.Get, $"/v1/jobs/{dead.Id}");
        var again = await JsonAsync(gateway, HttpMethod.Post, $"/v1/jobs/{dead.Id}/replay");
        var id = again.GetProperty("id").GetString()!;
        var ended = await UntilAsync(gateway, new Uri($"/v1/jobs/{id}", UriKind.Relative), j => j.GetProperty("state").GetString() == "completed");

        Assert.Equal(dead.Id, Assert.Single(listed.GetProperty("jobs").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(7, shown.GetProperty("dead").GetProperty("arguments").GetProperty("n").GetInt32());
        Assert.Equal(5, shown.GetProperty("dead").GetProperty("attempts").GetInt32());
        Assert.NotEqual(dead.Id, id);
        Assert.Equal(dead.Id, ended.GetProperty("replayOf").GetString());
        Assert.Equal(7, ended.GetProperty("result").GetProperty("value").GetInt32());
    }

    [Theory]
    [InlineData("")]
    [InlineData("&delay=0.2")]
    public async Task AKeyStandsForOneJobHoweverOftenItIsAskedFor(string delay)
    {
        await using var gateway = await GatewayInstance.StartAsync();
        using var ending = new CancellationTokenSource();
        var sweeping = gateway.Bus.Delayed.SweepAsync("one", ending.Token);
        var runs = new ConcurrentBag<string>();
        await gateway.DeployAsync("paid", call =>
        {
            runs.Add(call.Invocation.Id);
            return Task.FromResult("""{"value":1}""");
        });

        var asked = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartKeyedAsync(gateway, $"paid?async=1{delay}", "{}")));
        var address = Assert.Single(asked.Select(a => a.Address).Distinct())!;
        await UntilAsync(gateway, address, j => j.GetProperty("state").GetString() == "completed");
        var late = await StartKeyedAsync(gateway, $"paid?async=1{delay}", "{}");
        var other = await StartKeyedAsync(gateway, $"paid?async=1{delay}", """{"n":2}""");
        using var plain = new HttpRequestMessage(HttpMethod.Post, "/v1/tools/paid") { Content = new StringContent("{}"), Headers = { { "Idempotency-Key", "k" } } };
        using var answered = await gateway.Client.SendAsync(plain);

        Assert.All(asked, a => Assert.Equal(HttpStatusCode.Accepted, a.Status));
        Assert.Equal((HttpStatusCode.Accepted, address), late);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        Assert.Equal(2, runs.Count);
        Assert.Equal(2, runs.Distinct().Count());
        await ending.CancelAsync();
        await sweeping;
    }

    private static async Task<(HttpStatusCode Status, Uri? Address)> StartKeyedAsync(GatewayInstance gateway, string call, string arguments)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/tools/{call}") { Content = new StringContent(arguments, Encoding.UTF8, "application/json"), Headers = { { "Idempotency-Key", "k" } } };
        using var answer = await gateway.Client.SendAsync(request);
        return (answer.StatusCode, answer.Headers.Location);
    }

    private static async Task<HttpResponseMessage> StartAsync(GatewayInstance gateway, string call)
    {
        using var body = new StringContent("{}", Encoding.UTF8, "application/json");
        var accepted = await gateway.Client.PostAsync($"/v1/tools/{call}", body);
        Assert.True(accepted.StatusCode == HttpStatusCode.Accepted, await accepted.Content.ReadAsStringAsync());
        return accepted;
    }

    private static async Task<JsonElement> JsonAsync(GatewayInstance gateway, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await gateway.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    private static async Task<JsonElement> UntilAsync(GatewayInstance gateway, Uri address, Func<JsonElement, bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var deadline = BusServer.Deadline();
        while (true)
        {
            var job = await JsonAsync(gateway, HttpMethod.Get, address.ToString());
            if (condition(job))
            {
                return job;
            }

            await timer.WaitForNextTickAsync(deadline);
        }
    }
}
