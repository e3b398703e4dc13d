using System.Net;

using ToolRuntime.Bus.Logs;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Egress;
using ToolRuntime.Tests.Unit.OpenApi;

namespace ToolRuntime.Tests.Unit.Runtime.Egress;

/// <summary>The small parts: names, bytes, lines, mirrors.</summary>
public sealed class PartTests
{
    [Fact]
    public async Task NamesAreKeptThirtySecondsAndFailuresNotAtAll()
    {
        var (asked, fails, clock) = (0, false, new ManualTime());
        var names = new NameCache(
            (_, _) =>
            {
                asked++;
                return fails ? throw new System.Net.Sockets.SocketException() : Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
            },
            clock);
        var host = EgressHost.Parse("a.example")!;
        await names.ResolveAsync(host, CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(29));
        await names.ResolveAsync(host, CancellationToken.None);
        Assert.Equal(1, asked);
        clock.Advance(TimeSpan.FromSeconds(1));
        fails = true;
        await Assert.ThrowsAsync<EgressFailedException>(() => names.ResolveAsync(host, CancellationToken.None).AsTask());
        fails = false;
        Assert.Single(await names.ResolveAsync(host, CancellationToken.None));
        Assert.Equal(3, asked);
        Assert.Equal([IPAddress.Parse("10.0.0.1")], await names.ResolveAsync(EgressHost.Parse("10.0.0.1")!, CancellationToken.None));
        Assert.Equal(3, asked);
    }

    [Fact]
    public void BytesASecondAreWhatTheyAreCalled()
    {
        var clock = new ManualTime();
        var bucket = new TokenBucket(TimeSpan.FromMilliseconds(100), clock);
        Assert.Equal(TimeSpan.Zero, bucket.Take(100, 1000));
        Assert.Equal(TimeSpan.FromMilliseconds(500), bucket.Take(500, 1000));
        clock.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(TimeSpan.FromMilliseconds(100), bucket.Take(100, 1000));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromMilliseconds(900), bucket.Take(1000, 1000));
        Assert.Equal(TimeSpan.Zero, bucket.Take(int.MaxValue, 0));
    }

    [Fact]
    public void ALimitIsReachedToTheByte()
    {
        var budget = new EgressBudget(new ManualTime());
        Assert.Equal(60, budget.Reserve(60, 100));
        Assert.Equal(40, budget.Reserve(60, 100));
        Assert.Equal(0, budget.Reserve(1, 100));
        Assert.Equal(1, budget.Reserve(1, 0));
        Assert.Equal(101, budget.Bytes);
    }

    [Fact]
    public void AFloodOfDecisionsIsCountedAndNotWritten()
    {
        var (lines, clock) = (new List<LogLine>(), new ManualTime());
        var log = new DecisionLog(lines.Add, clock);
        for (var i = 0; i < 1000; i++)
        {
            log.Add(new EgressDecision(clock.GetUtcNow(), "http", "a.example", i, false, "no") { Path = new string('x', 5000) });
        }

        Assert.Equal(DecisionLog.PerSecond, lines.Count);
        Assert.Equal((DecisionLog.Most, 999), (log.Last(int.MaxValue).Count, log.Last(1)[0].Port));
        Assert.All(log.Last(5), d => Assert.Equal(1024, d.Path!.Length));
        clock.Advance(TimeSpan.FromSeconds(1));
        log.Add(new EgressDecision(clock.GetUtcNow(), "http", "a.example", 1, true, "yes"));
        Assert.Equal("900 decisions are not told: they came faster than 100 a second", lines[^2].Text);
        Assert.Equal(("egress", "info"), (lines[^1].Stream, lines[^1].Level));
    }

    [Fact]
    public async Task SecretsAreAskedOnceInAWhileAndNeverTold()
    {
        var (asked, clock) = (0, new ManualTime());
        var secrets = new EgressSecrets(
            (_, names, _) =>
            {
                asked++;
                return Task.FromResult<IReadOnlyDictionary<string, string>>(names.ToDictionary(n => n, n => n == "BAD" ? "a\r\nb" : "v"));
            },
            clock);
        Dictionary<string, string> headers = new() { ["A"] = "Bearer secret:TOKEN", ["B"] = "plain", ["C"] = "mysecret:TOKEN", ["D"] = "secret:TOKEN" };
        var filled = await secrets.FillAsync("t", headers, CancellationToken.None);
        Assert.Equal(["Bearer v", "plain", "mysecret:TOKEN", "v"], filled.Values);
        Assert.Equal(1, asked);
        clock.Advance(EgressSecrets.Kept);
        await secrets.FillAsync("t", headers, CancellationToken.None);
        await secrets.FillAsync("other", headers, CancellationToken.None);
        Assert.Equal(3, asked);
        var refused = await Assert.ThrowsAsync<EgressFailedException>(() => secrets.FillAsync("t", new Dictionary<string, string> { ["A"] = "secret:BAD" }, CancellationToken.None).AsTask());
        Assert.DoesNotContain("a\r\nb", refused.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<EgressFailedException>(() => secrets.FillAsync("t", new Dictionary<string, string> { ["Host"] = "x" }, CancellationToken.None).AsTask());
    }

    [Theory]
    [InlineData("Bearer ${secret:a-key}", "Bearer <a-key>")]
    [InlineData("${secret:a}:${secret:b}; v=1", "<a>:<b>; v=1")]
    [InlineData("${secret:a} secret:b", "<a> <b>")]
    [InlineData("${secret:not good} ${secret:open", "${secret:not good} ${secret:open")]
    [InlineData("${secret:NESTED}", "${secret:a} secret:b")]
    public async Task SecretsStandAnywhereInAHeaderAndAreNotReadAgain(string written, string expected)
    {
        var secrets = new EgressSecrets(
            static (_, names, _) => Task.FromResult<IReadOnlyDictionary<string, string>>(names.ToDictionary(n => n, n => n == "NESTED" ? "${secret:a} secret:b" : $"<{n}>")),
            new ManualTime());
        Assert.Equal(expected, (await secrets.FillAsync("t", new Dictionary<string, string> { ["A"] = written }, CancellationToken.None))["A"]);
    }

    [Fact]
    public async Task AHeaderDoesNotGrowBeyondARequestsHead()
    {
        var secrets = new EgressSecrets(static (_, names, _) => Task.FromResult<IReadOnlyDictionary<string, string>>(names.ToDictionary(n => n, _ => new string('x', 32 * 1024))), new ManualTime());
        var refused = await Assert.ThrowsAsync<EgressFailedException>(() => secrets.FillAsync("t", new Dictionary<string, string> { ["A"] = "${secret:a}${secret:a}${secret:a}" }, CancellationToken.None).AsTask());
        Assert.Contains("longer", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MirrorsComeFromTheMachinesConfigurationAndCredentialsStayHere()
    {
        var mirrors = PackageMirrors.Read(
            "[global]\nindex-url = https://user:p%40ss@pip.internal.example/simple\nextra-index-url =\n    http://10.0.0.5:8081/a\n    http://10.0.0.5:8081/b\ntrusted-host = 10.0.0.5\n",
            "registry=https://npm.internal.example:4873/\n//npm.internal.example:4873/:_authToken=x\n",
            ["http://deb.internal.example/debian", "recipe.example:8080", "cdrom:[x]/"]);
        Assert.Equal(
            ["pip.internal.example:443", "10.0.0.5:8081", "npm.internal.example:4873", "deb.internal.example:80", "recipe.example:8080"],
            mirrors.Hosts);
        Assert.Equal("https://pip.internal.example/simple", mirrors.Environment["PIP_INDEX_URL"]);
        Assert.Equal("http://10.0.0.5:8081/a http://10.0.0.5:8081/b", mirrors.Environment["PIP_EXTRA_INDEX_URL"]);
        Assert.Equal("10.0.0.5", mirrors.Environment["PIP_TRUSTED_HOST"]);
        Assert.Equal("https://npm.internal.example:4873/", mirrors.Environment["NPM_CONFIG_REGISTRY"]);
        var rule = Assert.Single(mirrors.Rules);
        Assert.Equal(("pip.internal.example:443", "Basic dXNlcjpwQHNz"), (rule.Host, rule.Headers["Authorization"]));
        Assert.DoesNotContain("p%40ss", string.Concat(mirrors.Environment.Values), StringComparison.Ordinal);

        // What is no host is left out, and closes nothing.
        Assert.True(EgressPolicy.Of(new EgressRules(), mirrors.Hosts).Decide(new EgressTarget(EgressHost.Parse("recipe.example")!, 8080), [IPAddress.Parse("10.0.0.1")]).IsAllowed);
    }
}
