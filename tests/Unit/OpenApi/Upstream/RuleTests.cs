using System.Net;
using System.Net.Http.Headers;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Requests;
using ToolRuntime.OpenApi.Upstream;

namespace ToolRuntime.Tests.Unit.OpenApi.Upstream;

public sealed class RuleTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("GET", false, true)]
    [InlineData("PUT", false, true)]
    [InlineData("DELETE", false, true)]
    [InlineData("POST", false, false)]
    [InlineData("PATCH", false, false)]
    [InlineData("POST", true, true)]
    public void OnlyWhatDoesNoMoreTwiceIsRepeated(string method, bool hasKey, bool expected)
    {
        var request = new ApiRequest { Method = method, Url = "http://x/", Headers = hasKey ? [new("idempotency-key", "1")] : [] };
        Assert.Equal(expected, RetryRule.IsRepeatable(request));
        Assert.Equal(expected, RetryRule.IsPassing(ApiFaultCode.TimedOut, RetryRule.IsRepeatable(request)));
        Assert.True(RetryRule.IsPassing(ApiFaultCode.Unreachable, RetryRule.IsRepeatable(request)));
        Assert.False(RetryRule.IsPassing(ApiFaultCode.AddressRefused, isRepeatable: true));
    }

    [Fact]
    public void RetryAfterIsSecondsOrADate()
    {
        Assert.Equal(TimeSpan.FromSeconds(3), RetryRule.Wait(new RetryConditionHeaderValue(TimeSpan.FromSeconds(3)), s_now));
        Assert.Equal(TimeSpan.FromSeconds(60), RetryRule.Wait(new RetryConditionHeaderValue(s_now.AddMinutes(1)), s_now));
        Assert.Equal(TimeSpan.Zero, RetryRule.Wait(new RetryConditionHeaderValue(s_now.AddMinutes(-1)), s_now));
        Assert.Null(RetryRule.Wait(null, s_now));
    }

    [Fact]
    public void BackoffDoublesWithinItsJitter()
    {
        var first = TimeSpan.FromMilliseconds(100);
        Assert.Equal(TimeSpan.FromMilliseconds(50), RetryRule.Backoff(first, 1, 0));
        Assert.Equal(TimeSpan.FromMilliseconds(100), RetryRule.Backoff(first, 1, 1));
        Assert.Equal(TimeSpan.FromMilliseconds(400), RetryRule.Backoff(first, 3, 1));
    }

    [Theory]
    [InlineData("max-age=60", null, 60)]
    [InlineData("no-cache", "\"a\"", 0)]
    [InlineData("no-store", "\"a\"", null)]
    [InlineData("private, max-age=5", null, 5)]
    [InlineData(null, "\"a\"", 0)]
    [InlineData(null, null, null)]
    public void OnlyWhatHttpLetsBeKeptIsKept(string? control, string? etag, int? freshSeconds)
    {
        using var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([]) };
        answer.Headers.TryAddWithoutValidation("Cache-Control", control);
        answer.Headers.TryAddWithoutValidation("ETag", etag);
        Assert.Equal(freshSeconds, (int?)FreshnessRule.Of(answer, s_now)?.FreshFor.TotalSeconds);
        answer.Headers.TryAddWithoutValidation("Vary", "*");
        Assert.Null(FreshnessRule.Of(answer, s_now));
    }
}
