using System.Globalization;
using System.Net;
using System.Net.ServerSentEvents;

using ToolRuntime.Tests.Integration;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>
/// Readers lose their connections, and the processes of gateways, runtimes and the message server are killed at random points, under calls that stream
/// and checkpoint and calls that do something outside. Then: every call has its one end, every reader got exactly the events that its call's topic holds,
/// and no call with a key was done twice. One hundred kills; <c>TOOLRT_CHAOS=1000</c> makes it the long form.
/// </summary>
[Collection(FaultCollection.Name)]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Streaming = 4;
    private const int Paying = 3;
    private const int ProcessOneIn = 16;

    private const string Count = """"
        import time
        from typing import Iterator
        from toolruntime import Context

        def count(n: int, ctx: Context) -> Iterator[str]:
            """Counts to twenty, and knows where it was."""
            begin = ctx.previous_checkpoint["at"] if ctx.previous_checkpoint else 0
            for i in range(begin, 20):
                time.sleep(0.05)
                yield f"{n}.{i} "
                if i % 5 == 4:
                    ctx.checkpoint({"at": i + 1})
        """";

    private const string Pay = """"
        from toolruntime import Context

        def pay(n: int, ctx: Context) -> int:
            """Leaves a mark outside."""
            ctx.tools.call("outside_mark", n=n * 10 + ctx.attempt)
            return n
        """";

    private volatile bool _isOver;
    private int _paid;

    [Fact]
    public async Task EveryCallHasItsOneEndAndItsReaderMissesNothing()
    {
        var seed = TestSeed.Next();
        var kills = int.Parse(Environment.GetEnvironmentVariable("TOOLRT_CHAOS") ?? "100", CultureInfo.InvariantCulture);
        output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} {TestSeed.Replay(seed)}");
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(5) + (TimeSpan.FromSeconds(2) * kills));
        using var marks = new Marks();
        await using var keeper = await Part.StartAsync("runtime");
        await using var other = await Part.JoinAsync("runtime", keeper);
        await using var left = await Part.JoinAsync("gateway", keeper);
        await using var right = await Part.JoinAsync("gateway", keeper);
        output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} all are up");
        await marks.RegisterAsync(left);
        await left.DeployAsync("count", Count, """{"name":"count","entry":"count.py","retry":"safe","timeoutSeconds":300}""");
        await left.DeployAsync("pay", Pay, """{"name":"pay","entry":"pay.py","timeoutSeconds":300}""");

        var callers = Enumerable.Range(0, Streaming + Paying).Select(_ => new StubbornCaller([left.Url, right.Url], deadline.Token)).ToList();
        var streams = callers.Take(Streaming).Select(StreamAsync).ToList();
        var payments = callers.Skip(Streaming).Select(c => PayAsync(c, marks)).ToList();
        await KillAsync([keeper, other, left, right], callers, new Random(seed), kills, [.. streams, .. payments]);
        _isOver = true;
        output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} calm");
        var read = (await Task.WhenAll(streams)).SelectMany(s => s).ToList();
        output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} streams have ended");
        var paid = (await Task.WhenAll(payments)).Sum();
        output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} payments have ended");

        callers.ForEach(c => c.Dispose());
        output.WriteLine($"{kills} kills: {read.Count} streams whole, {paid} of {_paid} payments made, {callers.Sum(c => c.Losses)} connections lost");
        Assert.True(read.Count >= kills / 10 && paid > 0, $"{read.Count} streams, {paid} payments");
        using var calm = new HttpClient { BaseAddress = right.Url, Timeout = Toolrt.Deadline };
        foreach (var (session, seen) in read)
        {
            var end = await WholeSession.AssertAsync(calm, session, seen);
            Assert.True(end.EventType == "completed", $"{session}: {end.Data}");
            Assert.Contains(seen, e => e.Data.Contains(".19 ", StringComparison.Ordinal));
        }

        output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} all are whole");
    }

    private async Task KillAsync(Part[] parts, List<StubbornCaller> callers, Random random, int kills, IReadOnlyList<Task> running)
    {
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(5, 250)));
            if (kill % ProcessOneIn != 0)
            {
                callers[random.Next(callers.Count)].Cut();
            }
            else if (random.Next(parts.Length + 1) is var chosen && chosen == parts.Length)
            {
                output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} kill {kill}: message server");
                await parts[0].KillNatsAsync();
            }
            else
            {
                output.WriteLine($"{DateTime.UtcNow:HH:mm:ss.fff} kill {kill}: {parts[chosen].Data}");
                await parts[chosen].KillAsync();
                await parts[chosen].UpAgainAsync();
            }

            foreach (var failed in running.Where(r => r.IsFaulted))
            {
                await failed;
            }
        }
    }

    private async Task<List<(string Session, List<SseItem<string>> Seen)>> StreamAsync(StubbornCaller caller, int number)
    {
        var calls = new List<(string, List<SseItem<string>>)>();
        while (!_isOver)
        {
            var session = $"chaos{number:00}x{calls.Count:000000}xxxxxx";
            calls.Add((session, await caller.StreamAsync("count", $$"""{"n":{{calls.Count}}}""", session, session)));
        }

        return calls;
    }

    /// <summary>How many payments it was told of; whatever it was told, none may have been made twice.</summary>
    private async Task<int> PayAsync(StubbornCaller caller, Marks marks)
    {
        var paid = 0;
        while (!_isOver)
        {
            var number = Interlocked.Increment(ref _paid);
            var (status, body) = await caller.CallAsync("pay", $$"""{"n":{{number}}}""", $"payment-{number}");
            var isPaid = status == HttpStatusCode.OK;
            paid += isPaid ? 1 : 0;
            var made = Enumerable.Range(1, 9).Select(attempt => marks[(number * 10) + attempt]).ToList();
            Assert.True(isPaid ? made.Sum() == 1 : made.Sum() <= 1, $"payment {number} was made {string.Join('+', made)} times by its attempts, {DateTime.UtcNow:HH:mm:ss.fff}: {status} {body}");
        }

        return paid;
    }
}
