using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.OpenApi.Calls;
using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Upstream;
using ToolRuntime.Tests.Integration.OpenApi.Wire;

namespace ToolRuntime.Tests.Integration.OpenApi.Calls;

/// <summary>Retries, circuit, bounds, cache, redirects.</summary>
public sealed class MannersTests : IAsyncLifetime
{
    private RecordingUpstream _upstream = null!;
    private RecordingUpstream _other = null!;

    public async ValueTask InitializeAsync() => (_upstream, _other) = (await RecordingUpstream.StartAsync(), await RecordingUpstream.StartAsync());

    public async ValueTask DisposeAsync()
    {
        await _upstream.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", 3, false)]
    [InlineData("PUT", 3, false)]
    [InlineData("POST", 1, true)]
    public async Task PassingTroublesAreTriedAgainWhereThatDoesNoHarm(string method, int tries, bool isError)
    {
        var count = 0;
        _upstream.Answer = c =>
        {
            c.Response.StatusCode = ++count < 3 ? 503 : 200;
            c.Response.Headers.RetryAfter = "0";
            return Task.CompletedTask;
        };
        using var bench = Bench(operation: new BenchOperation { Method = method });
        Assert.Equal(isError, (await bench.SendAsync(bench.Call())).IsError);
        Assert.Equal(tries, _upstream.Requests.Count);
    }

    [Fact]
    public async Task ALongRetryAfterIsTheCallersToWait()
    {
        _upstream.Answer = c =>
        {
            c.Response.StatusCode = 429;
            c.Response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        };
        using var bench = Bench();
        var result = await bench.TextAsync();
        Assert.Contains("Retry-After: 3600", result, StringComparison.Ordinal);
        Assert.Single(_upstream.Requests);
    }

    [Fact]
    public async Task AFailingUpstreamIsLeftAlone()
    {
        _upstream.Answer = c =>
        {
            c.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        using var bench = Bench(new UpstreamOptions { MaxRetries = 0, CircuitMinimum = 4, CircuitBreak = TimeSpan.FromMinutes(1) });
        for (var i = 0; i < 4; i++)
        {
            Assert.True((await bench.SendAsync(bench.Call())).IsError);
        }

        var fault = await Assert.ThrowsAsync<ApiFaultException>(() => bench.SendAsync(bench.Call()));
        Assert.Equal(ApiFaultCode.CircuitOpen, fault.Fault.Code);
        Assert.Equal(4, _upstream.Requests.Count);
    }

    [Fact]
    public async Task ConcurrencyAndItsQueueAreBounded()
    {
        var (arrived, go) = (new SemaphoreSlim(0), new TaskCompletionSource());
        _upstream.Answer = async _ =>
        {
            arrived.Release();
            await go.Task;
        };
        using var bench = Bench(new UpstreamOptions { MaxConcurrent = 1, MaxWaiting = 1 });
        var running = bench.SendAsync(bench.Call());
        await arrived.WaitAsync();
        var waiting = bench.SendAsync(bench.Call());
        var fault = await Assert.ThrowsAsync<ApiFaultException>(() => bench.SendAsync(bench.Call()));
        Assert.Equal(ApiFaultCode.Busy, fault.Fault.Code);
        go.SetResult();
        await Task.WhenAll(running, waiting);
    }

    [Fact]
    public async Task CallsASecondAreBounded()
    {
        using var bench = Bench(new UpstreamOptions { MaxPerSecond = 2 });
        await bench.SendAsync(bench.Call());
        await bench.SendAsync(bench.Call());
        Assert.Equal(ApiFaultCode.Busy, (await Assert.ThrowsAsync<ApiFaultException>(() => bench.SendAsync(bench.Call()))).Fault.Code);
    }

    [Fact]
    public async Task FreshAnswersAreServedFromTheCacheToTheirCallerAlone()
    {
        _upstream.Answer = Json("[1]", c => c.Response.Headers.CacheControl = "max-age=60");
        using var bench = Bench();
        Assert.Equal("""{"value":[1]}""", await bench.TextAsync());
        Assert.Equal("""{"value":[1]}""", await bench.TextAsync());
        Assert.Single(_upstream.Requests);
        await bench.TextAsync(bench.Call(caller: "you"));
        Assert.Equal(2, _upstream.Requests.Count);
    }

    [Fact]
    public async Task StaleAnswersAreAskedForByTheirETag()
    {
        _upstream.Answer = c => c.Request.Headers.IfNoneMatch == "\"v1\"" ? Status(304)(c) : Json("[1]", x => x.Response.Headers.ETag = "\"v1\"")(c);
        using var bench = Bench();
        Assert.Equal("""{"value":[1]}""", await bench.TextAsync());
        Assert.Equal("""{"value":[1]}""", await bench.TextAsync());
        Assert.Equal("\"v1\"", _upstream.Requests.Last().Headers["If-None-Match"]);
    }

    [Theory]
    [InlineData("no-store, max-age=60", "")]
    [InlineData("max-age=60", "*")]
    [InlineData("", "")]
    public async Task WhatMayNotBeKeptIsNot(string control, string vary)
    {
        _upstream.Answer = Json("[1]", c => (c.Response.Headers.CacheControl, c.Response.Headers.Vary) = (control, vary));
        using var bench = Bench();
        await bench.TextAsync();
        await bench.TextAsync();
        Assert.Equal(2, _upstream.Requests.Count);
    }

    [Fact]
    public async Task AnswersVaryByWhatTheySayTheyVaryBy()
    {
        _upstream.Answer = Json("[1]", c => (c.Response.Headers.CacheControl, c.Response.Headers.Vary) = ("max-age=60", "X-Lang"));
        using var bench = Bench(operation: new BenchOperation { Headers = ["X-Lang"] });
        await bench.TextAsync(bench.Call("""{"X-Lang":1}"""));
        await bench.TextAsync(bench.Call("""{"X-Lang":1}"""));
        Assert.Single(_upstream.Requests);
        await bench.TextAsync(bench.Call("""{"X-Lang":2}"""));
        Assert.Equal(2, _upstream.Requests.Count);
    }

    [Fact]
    public async Task TheTraceGoesOn()
    {
        using var bench = Bench();
        await bench.SendAsync(bench.Call() with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", TraceState = "a=b" });
        var headers = _upstream.Single().Headers;
        Assert.Equal(("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=b", "ToolRuntime"), (headers["traceparent"], headers["tracestate"], headers["User-Agent"]));
    }

    [Fact]
    public async Task RedirectsAreFollowedWithTheirMethodAndBody()
    {
        _upstream.Answer = c => c.Request.Path == "/x" ? Status(307, "/y?a=%2F")(c) : Json("[1]")(c);
        using var bench = Bench(operation: new BenchOperation { Method = "POST" });
        Assert.Equal("""{"value":[1]}""", await bench.TextAsync(bench.Call("""{"body":{"a":1}}""")));
        var second = _upstream.Requests.Last();
        Assert.Equal(("POST", "/y?a=%2F", "{\"a\":1}"), (second.Method, second.Target, System.Text.Encoding.UTF8.GetString(second.Body)));
    }

    [Fact]
    public async Task AnotherHostGetsNothingOfTheCall()
    {
        _upstream.Answer = Status(302, _other.Origin + "/z");
        _other.Answer = Json("[2]");
        using var bench = Bench(operation: new BenchOperation { Headers = ["X-Secret"] }, auth: "bearer:env:TOKEN");
        Assert.Equal("""{"value":[2]}""", await bench.TextAsync(bench.Call("""{"X-Secret":1}""")));
        Assert.Equal("Bearer s3cr3t", _upstream.Single().Headers["Authorization"]);
        var there = _other.Single();
        Assert.False(there.Headers.ContainsKey("Authorization"));
        Assert.False(there.Headers.ContainsKey("X-Secret"));
    }

    [Fact]
    public async Task ABodyIsNotSentToAnotherHost()
    {
        _upstream.Answer = Status(307, _other.Origin + "/z");
        using var bench = Bench(operation: new BenchOperation { Method = "POST" });
        var fault = await Assert.ThrowsAsync<ApiFaultException>(() => bench.SendAsync(bench.Call("""{"body":1}""")));
        Assert.Equal(ApiFaultCode.BadResponse, fault.Fault.Code);
        Assert.Empty(_other.Requests);
    }

    [Fact]
    public async Task CirclesEnd()
    {
        _upstream.Answer = Status(302, "/x");
        using var bench = Bench();
        var fault = await Assert.ThrowsAsync<ApiFaultException>(() => bench.SendAsync(bench.Call()));
        Assert.Contains("redirects more than 5 times", fault.Message, StringComparison.Ordinal);
        Assert.Equal(6, _upstream.Requests.Count);
    }

    [Fact]
    public async Task ARedirectToAPrivateAddressIsRefused()
    {
        _upstream.Answer = Status(302, "http://localhost:1/latest/meta-data/");
        using var bench = new ApiBench(_upstream.Origin, new ApiSourceOptions { AllowedHosts = ["127.0.0.2/32"] });
        Assert.Equal(ApiFaultCode.AddressRefused, (await Assert.ThrowsAsync<ApiFaultException>(() => bench.SendAsync(bench.Call()))).Fault.Code);
        Assert.Empty(_upstream.Requests);
        using var named = new ApiBench(_upstream.Origin.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), new ApiSourceOptions { AllowedHosts = ["localhost"] });
        _upstream.Answer = Status(302, "http://169.254.169.254/latest/meta-data/");
        Assert.Equal(ApiFaultCode.AddressRefused, (await Assert.ThrowsAsync<ApiFaultException>(() => named.SendAsync(named.Call()))).Fault.Code);
        Assert.Single(_upstream.Requests);
    }

    [Fact]
    public async Task TheCallersOwnEndIsNoFault()
    {
        var arrived = new TaskCompletionSource();
        _upstream.Answer = c =>
        {
            arrived.SetResult();
            return Task.Delay(Timeout.Infinite, c.RequestAborted);
        };
        using var bench = Bench();
        using var end = new CancellationTokenSource();
        var call = bench.SendAsync(bench.Call(), end.Token);
        await arrived.Task;
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private static Func<HttpContext, Task> Status(int status, string? location = null) => c =>
    {
        c.Response.StatusCode = status;
        c.Response.Headers.Location = location;
        return Task.CompletedTask;
    };

    private static Func<HttpContext, Task> Json(string json, Action<HttpContext>? more = null) => async c =>
    {
        c.Response.ContentType = "application/json";
        more?.Invoke(c);
        await c.Response.WriteAsync(json);
    };

    private ApiBench Bench(UpstreamOptions? upstream = null, BenchOperation? operation = null, string? auth = null) => new(
        _upstream.Origin,
        new ApiSourceOptions
        {
            Upstream = upstream ?? new UpstreamOptions { RetryDelay = TimeSpan.FromMilliseconds(1) },
            Credentials = auth is null ? ToolRuntime.OpenApi.Credentials.ApiCredentials.None : ToolRuntime.OpenApi.Credentials.CredentialText.Parse([auth]),
        },
        operation);
}
