using System.Diagnostics;
using System.Text.Json;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;
using ToolRuntime.Bus;
using ToolRuntime.Functions;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>A hundred thousand functions of two hundred tenants in one server: what they cost, how calls of many of them are queued, lists, a restart.</summary>
internal static class ManyFunctions
{
    private const int Functions = 100_000;
    private const int Tenants = 200;
    private const int Calls = 5_000;
    private const int Window = 256;
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);
    private static readonly JsonElement s_schema = JsonElement.Parse("""{"type":"object","properties":{"a":{"type":"number","description":"First."},"b":{"type":"number","description":"Second."}},"required":["a","b"]}""");

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync("--role", "gateway");
        await using (var bus = await DurableStreams.ConnectAsync(instance))
        {
            var empty = instance.Footprint().BrokerMiB;
            await ManySessions.EachAsync(Functions, Window, i => DeployAsync(bus, i));
            var times = await CallAsync(bus, run.Random);
            run.Add(new Figure($"{Functions:N0} functions, {Calls:N0} of them called within a minute by {Tenants} tenants: until a call is queued, p99", $"{times.P99:0.00} ms (p50 {times.P50:0.00})", "", null, "≤ 2 ms", times.P99 <= 2));
            var more = instance.Footprint().BrokerMiB - empty;
            run.Add(new Figure("memory of nats-server more than before them", $"{more:0} MiB", "", null, "≤ 300 MiB", more <= 300));
        }

        await ListAsync(run, instance);
        await instance.DownAsync();
        var start = Stopwatch.GetTimestamp();
        await instance.UpAsync();
        var ready = Stopwatch.GetElapsedTime(start).TotalSeconds;
        run.Add(new Figure("restart of gateway and nats-server until ready", $"{ready:0.0} s", "", null, "≤ 10 s", ready <= 10));
    }

    /// <summary>As a deploy writes it: a version, and a record that names it.</summary>
    private static async Task DeployAsync(MessageBus bus, int number)
    {
        var (tenant, name) = (TenantOf(number), $"function{number}");
        var version = new FunctionVersion
        {
            Digest = Ids.New(),
            Tenant = tenant,
            Manifest = new FunctionManifest { Name = name, Language = FunctionLanguage.Python },
            Tools = [new ToolDefinition { Name = name, Description = $"Adds two numbers, in the way {number}.", InputSchema = s_schema }],
            Layers = [],
            CreatedAt = DateTimeOffset.UtcNow,
        };
        await bus.Catalog.PutVersionAsync(version, CancellationToken.None);
        var record = new FunctionRecord { Tenant = tenant, Name = name, Active = [new WeightedVersion(version.Digest, 100)], History = [version.Digest], UpdatedAt = version.CreatedAt };
        if (!await bus.Catalog.TrySwapRecordAsync(record, 0, CancellationToken.None))
        {
            throw new InvalidDataException($"{name} is there already");
        }
    }

    /// <summary>Queues calls at an even pace; a runtime takes each and is done with it.</summary>
    private static async Task<Latencies> CallAsync(MessageBus bus, Random random)
    {
        var called = Enumerable.Range(0, Calls).Select(_ => random.Next(Functions)).ToArray();
        using var ending = new CancellationTokenSource();
        var taken = TakeAsync(bus, ending.Token);
        var (begin, times) = (Stopwatch.GetTimestamp(), new List<double>(Calls));
        for (var i = 0; i < Calls; i++)
        {
            if ((s_minute * i / Calls) - Stopwatch.GetElapsedTime(begin) is { } early && early > TimeSpan.Zero)
            {
                await Task.Delay(early);
            }

            var call = InvocationOf(called[i]);
            var start = Stopwatch.GetTimestamp();
            await bus.Queue.EnqueueAsync(call, owner: null, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        ending.CancelAfter(s_minute);
        var count = await taken;
        return count == Calls ? Percentiles.Of(times) : throw new InvalidDataException($"{count} of {Calls} calls were taken");
    }

    private static async Task<int> TakeAsync(MessageBus bus, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var delivery in bus.Queue.TakeAsync("bench", ["base"], 64, cancellationToken))
        {
            await delivery.AckAsync(cancellationToken);
            if (++count == Calls)
            {
                break;
            }
        }

        return count;
    }

    private static async Task ListAsync(Run run, Instance instance)
    {
        await instance.Mcp.ListAsync("/mcp");
        List<double> times = [];
        for (var round = 0; round < 20; round++)
        {
            string? cursor = null;
            do
            {
                var start = Stopwatch.GetTimestamp();
                var answer = await instance.Mcp.ListAsync("/mcp", cursor);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                using var document = JsonDocument.Parse(answer);
                var result = document.RootElement.GetProperty("result");
                cursor = result.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
            }
            while (cursor is not null);
        }

        var pages = Percentiles.Of(times);
        run.Add(new Figure($"a page of tools/list, of {Functions / Tenants} tools of a tenant: p99", $"{pages.P99:0.0} ms (p50 {pages.P50:0.0})", "", null, "≤ 20 ms", pages.P99 <= 20));
    }

    private static string TenantOf(int number) => number % Tenants is var tenant and > 0 ? $"tenant{tenant}" : "local";

    private static Invocation InvocationOf(int number) => new()
    {
        Id = Ids.New(),
        Session = Ids.New(),
        Caller = new Caller(TenantOf(number), "bench", "bench"),
        Pool = "base",
        Function = $"function{number}",
        Version = "1",
        Tool = $"function{number}",
        Arguments = """{"a":1,"b":2}"""u8.ToArray(),
        AcceptedAt = DateTimeOffset.UtcNow,
        Deadline = DateTimeOffset.UtcNow.AddMinutes(2),
    };
}
