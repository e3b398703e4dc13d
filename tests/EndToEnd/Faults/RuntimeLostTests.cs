namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>A runtime is killed in mid-call: another brings each of its calls to the one right end.</summary>
[Collection(FaultCollection.Name)]
public sealed class RuntimeLostTests
{
    private static readonly TimeSpan s_ackDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_beyond = TimeSpan.FromSeconds(5);

    /// <summary>A session is its runtime's so long after the last heartbeat, and is then found gone by two looks.</summary>
    private static readonly TimeSpan s_ownerLifetime = TimeSpan.FromSeconds(20);

    private const string Code = """"
        import time
        from toolruntime import Context

        def NAME(ctx: Context) -> str:
            """Never ends the first time, at once the second."""
            if ctx.attempt == 1:
                ctx.progress(1, 2, "begun")
                time.sleep(600)
            return f"attempt {ctx.attempt}"
        """";

    [Theory]
    [InlineData("function")]
    [InlineData("session")]
    public async Task ASafeFunctionCompletesElsewhereAndAnotherFailsWithRuntimeLost(string isolation)
    {
        await using var gateway = await Part.StartAsync("gateway");
        await using var first = await Part.JoinAsync("runtime", gateway);
        await gateway.DeployAsync("repeated", Code.Replace("NAME", "repeated", StringComparison.Ordinal), """{"name":"repeated","entry":"repeated.py","retry":"safe","timeoutSeconds":300,"isolation":"ISOLATION"}""".Replace("ISOLATION", isolation, StringComparison.Ordinal));
        await gateway.DeployAsync("once", Code.Replace("NAME", "once", StringComparison.Ordinal), """{"name":"once","entry":"once.py","timeoutSeconds":300,"isolation":"ISOLATION"}""".Replace("ISOLATION", isolation, StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = gateway.Url, Timeout = Toolrt.Deadline };
        await using var repeated = await RunningCall.StartAsync(http, "repeated?session=thesessionofrepeated1");
        await using var once = await RunningCall.StartAsync(http, "once?session=thesessionofoncecall1");
        await using var second = await Part.JoinAsync("runtime", gateway);

        var longest = await LongestAsync(gateway, http) + (isolation == "session" ? s_ownerLifetime : TimeSpan.Zero);
        using var deadline = new CancellationTokenSource();
        await first.KillAsync();
        deadline.CancelAfter(longest);
        var ends = await Task.WhenAll(repeated.EndAsync(deadline.Token), once.EndAsync(deadline.Token));

        Assert.Equal("completed", ends[0].EventType);
        Assert.Contains("attempt 2", ends[0].Data, StringComparison.Ordinal);
        Assert.Equal("failed", ends[1].EventType);
        Assert.Contains("RuntimeLost", ends[1].Data, StringComparison.Ordinal);
    }

    /// <summary>The ack deadline and 5 s; on a machine where the first call of a function takes more than a second, five times that instead of 5 s.</summary>
    private static async Task<TimeSpan> LongestAsync(Part gateway, HttpClient http)
    {
        await gateway.DeployAsync("yardstick", "def yardstick() -> int:\n    return 1\n", """{"name":"yardstick","entry":"yardstick.py"}""");
        var began = TimeProvider.System.GetTimestamp();
        using var answer = await http.PostAsync("/v1/tools/yardstick", new StringContent("{}"));
        Assert.True(answer.IsSuccessStatusCode);
        var first = TimeProvider.System.GetElapsedTime(began);
        return s_ackDeadline + (5 * first > s_beyond ? 5 * first : s_beyond);
    }
}
