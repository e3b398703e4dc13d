using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Tests.Integration.Sandbox;

namespace ToolRuntime.Tests.Integration.Kernels;

/// <summary>Java and R, each in a sandbox of its own image, which the first of these tests builds: that takes minutes.</summary>
[Trait("Category", "Long")]
public sealed class OptionalKernelTests : IAsyncLifetime
{
    private const int Interrupt = 2;
    private const int Rounds = 20;
    private const int Megabyte = 1_000_000;
    private readonly CancellationTokenSource _deadline = SandboxMachine.Deadline();
    private SandboxMachine _machine = null!;

    public static TheoryData<string, int> Tables => new() { { "java", 40 }, { "r", 40 } };

    /// <summary>Code that never ends, by what it does meanwhile.</summary>
    public static TheoryData<string, string> Endless => new()
    {
        { "java", "System.out.println(\"go\"); while (true) { }" },
        { "java", "System.out.println(\"go\"); Thread.sleep(600_000);" },
        { "java", "while (true) System.out.println(1);" },
        { "java", "System.out.println(\"go\"); new ProcessBuilder(\"sleep\", \"600\").start().waitFor()" },
        { "r", "cat('go\\n'); while (TRUE) NULL" },
        { "r", "cat('go\\n'); Sys.sleep(600)" },
        { "r", "repeat print(1)" },
        { "r", "cat('go\\n'); system('sleep 600'); repeat NULL" },
    };

    /// <summary>In each language: keep a value, show it, print a variable of the environment, print 20 MB.</summary>
    public static TheoryData<string, string, string, string, string> Words => new()
    {
        { "java", "var kept = 5;", "System.out.println(kept);", "System.out.println(System.getenv().getOrDefault(\"TOOLRT_WORD\", \"none\"));", "for (int i = 0; i < 20_000; i++) System.out.println(\"x\".repeat(999));" },
        { "r", "kept <- 5", "cat(kept, '\\n', sep = '')", "cat(Sys.getenv('TOOLRT_WORD', 'none'), '\\n', sep = '')", "for (i in 1:20000) cat(strrep('x', 999), '\\n', sep = '')" },
    };

    public async ValueTask InitializeAsync() => _machine = await SandboxMachine.StartAsync(change: null, _deadline.Token);

    public async ValueTask DisposeAsync()
    {
        await _machine.DisposeAsync();
        _deadline.Dispose();
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task ShowsWhatItsTableSays(string language, int atLeast)
    {
        await using var lease = await LeaseAsync(language);
        var (talk, _) = await StartAsync(lease, language);
        var (cases, wrong) = await KernelCases.RunAsync(talk, $"{language}.txt", _deadline.Token);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(cases >= atLeast);
    }

    [Theory]
    [MemberData(nameof(Endless))]
    public async Task AnInterruptEndsTheCellAndNotTheKernel(string language, string code)
    {
        await using var lease = await LeaseAsync(language);
        var (talk, id) = await StartAsync(lease, language);
        var (keep, show, _, _) = Of(language);
        await talk.RunAsync(keep, _deadline.Token);
        var call = await talk.BeginAsync(code, environment: null, folder: null, _deadline.Token);
        await talk.PrintedAsync(call, _deadline.Token);
        var events = await talk.InterruptedAsync(call, () => lease.Agent.SignalAsync(id, Interrupt, _deadline.Token).AsTask(), _deadline.Token);
        Assert.Equal("KeyboardInterrupt", (string?)events[^1]["name"]);
        Assert.Equal(["stdout 5\\n"], (await talk.RunAsync(show, _deadline.Token)).Select(KernelCases.Line));
    }

    [Theory]
    [MemberData(nameof(Words))]
    public async Task StateLastsAndTheEnvironmentOfACellDoesNot(string language, string keep, string show, string variable, string flood)
    {
        await using var lease = await LeaseAsync(language);
        var (talk, _) = await StartAsync(lease, language);
        Assert.Empty(await talk.RunAsync(keep, _deadline.Token));
        Assert.Equal(["stdout 5\\n"], (await talk.RunAsync(show, _deadline.Token)).Select(KernelCases.Line));
        Assert.Equal(["stdout it's \"set\"\\n"], (await talk.RunAsync(variable, _deadline.Token, new JsonObject { ["TOOLRT_WORD"] = "it's \"set\"" })).Select(KernelCases.Line));
        Assert.Equal(["stdout none\\n"], (await talk.RunAsync(variable, _deadline.Token)).Select(KernelCases.Line));
        var start = Stopwatch.GetTimestamp();
        var events = await talk.RunAsync(flood, _deadline.Token);
        Assert.Equal(20 * Megabyte, events.Sum(e => (long)((string?)e["text"])!.Length));
        Say($"{language}: 20 MB in 20,000 prints {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} s, {events.Count} events");
        Say($"{language}: a cell {(await RoundsAsync(talk, show)).TotalMilliseconds:F1} ms");
    }

    [Theory]
    [InlineData("java", "Math.random()")]
    [InlineData("r", "runif(1)")]
    public async Task AfterARestoreRandomNumbersDoNotRepeat(string language, string draw)
    {
        await using var lease = await LeaseAsync(language);
        var (talk, _) = await StartAsync(lease, language);
        var seen = new List<string>();
        foreach (byte seed in new byte[] { 1, 2, 1 })
        {
            await talk.RestoredAsync([.. Enumerable.Repeat(seed, 32)], _deadline.Token);
            seen.Add(KernelCases.Line(Assert.Single(await talk.RunAsync(draw, _deadline.Token))));
        }

        Assert.NotEqual(seen[0], seen[1]);
        Assert.Equal(seen[0], seen[2]);
    }

    private static (string Keep, string Show, string Variable, string Flood) Of(string language) =>
        Words.Select(row => row.Data).Where(row => row.Item1 == language).Select(row => (row.Item2, row.Item3, row.Item4, row.Item5)).Single();

    private ValueTask<ISandboxLease> LeaseAsync(string image) =>
        _machine.Pools.LeaseAsync(new LeaseRequest(new PoolKind(image, FunctionLanguage.Sandbox), "local", new FunctionLimits { MemoryMiB = 1024 }, []), null, _deadline.Token);

    private async Task<(KernelTalk Talk, string Id)> StartAsync(ISandboxLease lease, string language)
    {
        var start = Stopwatch.GetTimestamp();
        var id = $"ctx.{language}.test";
        await lease.Agent.StartWorkerAsync(new ProcessSpec { Id = id, Arguments = ["python3", "-S", "-u", "-B", $"/toolrt/kernels/{language}/kernel.py"] }, _deadline.Token);
        var stream = await lease.Agent.OpenWorkerAsync(id, _deadline.Token);
        var talk = new KernelTalk(stream, stream);
        Assert.Equal(language, (string?)(await talk.ReadyAsync(_deadline.Token))["language"]);
        Say($"{language}: READY after {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");
        return (talk, id);
    }

    private async Task<TimeSpan> RoundsAsync(KernelTalk talk, string code)
    {
        var times = new List<TimeSpan>();
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            await talk.RunAsync(code, _deadline.Token);
            times.Add(Stopwatch.GetElapsedTime(start));
        }

        return times.Order().ElementAt(Rounds / 2);
    }

    private static void Say(string figure) => TestContext.Current.TestOutputHelper?.WriteLine(figure.ToString(CultureInfo.InvariantCulture));
}
