using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>
/// Two gateways, two runtimes and the message server as processes, which are killed and paused at random while streams, calls with idempotency keys and
/// jobs run. Then every call is checked: none lost, none done twice, every event seen once and in order by readers that changed gateways, each end once.
/// </summary>
[Collection(FaultCollection.Name)]
public sealed class ProcessChaosTests(ITestOutputHelper output)
{
    private const int Strikes = 25;
    private const int LongStrikes = 100;
    private const int ClientsOfEachKind = 2;

    private const string Again = """"
        import time
        from typing import Iterator

        def again(n: int) -> Iterator[str]:
            """Counts, and may be repeated."""
            for i in range(20):
                time.sleep(0.03)
                yield f"{n}.{i} "
        """";

    private const string Once = """"
        import time
        from typing import Iterator
        from toolruntime import Context

        def once(n: int, ctx: Context) -> Iterator[str]:
            """Leaves a mark outside, and counts."""
            ctx.tools.call("outside_mark", n=n)
            for i in range(20):
                time.sleep(0.03)
                yield f"{n}.{i} "
        """";

    [Fact]
    public Task EveryCallEndsOnceAndRight() => RunAsync(Strikes);

    [Fact]
    [Trait("Category", "Long")]
    public Task EveryCallEndsOnceAndRightForLong() =>
        RunAsync(int.TryParse(Environment.GetEnvironmentVariable("TOOLRT_CHAOS"), CultureInfo.InvariantCulture, out var given) ? Math.Max(LongStrikes, given / 10) : LongStrikes);

    private async Task RunAsync(int strikes)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TOOLRT_TEST_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"seed {seed}: TOOLRT_TEST_SEED={seed} replays it");
        using var marks = new Marks();
        await using var first = await Part.StartAsync("gateway");
        await using var runtime = await Part.JoinAsync("runtime", first);
        await using var second = await Part.JoinAsync("gateway", first);
        await using var other = await Part.JoinAsync("runtime", first);
        await first.DeployAsync("again", Again, """{"name":"again","entry":"again.py","retry":"safe","timeoutSeconds":300}""");
        await first.DeployAsync("once", Once, """{"name":"once","entry":"once.py","timeoutSeconds":300}""");
        await marks.RegisterAsync(first);

        var began = Stopwatch.GetTimestamp();
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        using var clients = new ChaosClients([first, second], seed);
        var calling = clients.RunAsync(ClientsOfEachKind);
        var strike = new ChaosStrikes([first, second], [runtime, other], new Random(seed));
        await Task.WhenAny(calling, strike.RunAsync(strikes, deadline.Token)).Unwrap();
        clients.IsOver = true;
        await calling.WaitAsync(deadline.Token);

        var ends = clients.Ended.GroupBy(c => $"{c.Kind} {c.Tool} {c.Outcome}").OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} × {g.Key}");
        output.WriteLine($"{Stopwatch.GetElapsedTime(began).TotalSeconds:0} s: {strike.Summary}\n{string.Join(", ", ends)}\nmeanwhile: {clients.Refusals}");
        var wrong = await WrongAsync(clients, marks);
        Assert.True(wrong.Count == 0, $"seed {seed}: {string.Join("\n\n", wrong)}");
    }

    private static async Task<IReadOnlyList<string>> WrongAsync(ChaosClients clients, Marks marks)
    {
        var wrong = clients.Ended.Where(c => c.Wrong(marks[c.Number]) is not null).Select(c => $"{c}: {c.Wrong(marks[c.Number])}").ToList();
        foreach (var call in clients.Ended.Where(c => c.Kind == "stream"))
        {
            if (call.WrongStream(await clients.StoredAsync(call.Place)) is { } why)
            {
                wrong.Add($"{call}: {why}");
            }
        }

        // What was given up is kept for who may want to repeat it: all jobs, and other calls that were taken too often.
        var dead = (await clients.JsonAsync("/v1/jobs?dead=true&limit=1000")).GetProperty("jobs").EnumerateArray()
            .ToDictionary(j => j.GetProperty("id").GetString()!, j => j.GetProperty("dead").GetProperty("attempts").GetInt32(), StringComparer.Ordinal);
        wrong.AddRange(clients.Ended.Where(c => c.Outcome == "RuntimeLost" && c.Kind == "job" && !dead.ContainsKey(c.Place)).Select(c => $"{c}: not among the dead letters"));
        wrong.AddRange(clients.Ended.Where(c => c.Outcome == "RuntimeLost" && c.Tool == "again" && c.Kind == "job" && dead.GetValueOrDefault(c.Place) < 5).Select(c => $"{c}: given up too soon"));
        wrong.AddRange(clients.Ended.Where(c => c.Outcome == "RuntimeLost" && c.Tool == "again" && c.Kind != "job").Select(c => $"{c}: may be repeated, and was not"));
        return wrong;
    }
}
