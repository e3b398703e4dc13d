using System.Diagnostics;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Machine;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>Sandboxes that callers drive, through the public interface: leases, code, streams, files, memory.</summary>
internal static class DrivenSandboxes
{
    private const int Burst = 40;
    private const int Dense = 100;
    private const int Creates = 15;
    private const int FirstCreates = 10;
    private const int Executions = 300;
    private const int FileBytes = 128 << 20;
    private const int StreamMiB = 512;
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(10);

    /// <summary>Code, from the create on, and what a suspended session takes.</summary>
    public static async Task MeasureCodeAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        using var caller = new SandboxCaller(instance);
        await caller.PrepareAsync("code-interpreter-v1");
        await Calm.WaitAsync(instance);
        List<double> first = [];
        for (var i = 0; i < Creates; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var (fresh, _) = await caller.CreateAsync("code-interpreter-v1");
            await caller.RunCodeAsync(fresh, $"{i}+1", $"{i + 1}");
            if (i > 0)
            {
                first.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            await caller.KillAsync(fresh);
            await Calm.WaitAsync(instance);
        }

        var toFirst = Percentiles.Of(first);
        run.Add(new Figure("create to first runCode result, code-interpreter, warm, p50", $"{toFirst.P50:0.0} ms (p90 {toFirst.P90:0.0})", "", null, "≤ 50 ms", toFirst.P50 <= 50));
        var (sandbox, _) = await caller.CreateAsync("base");
        List<double> live = [];
        for (var i = 0; i < Executions; i++)
        {
            live.Add(await caller.RunCodeAsync(sandbox, $"{i}+1", $"{i + 1}"));
        }

        var inContext = Percentiles.Of(live);
        run.Add(new Figure("runCode in a live context, p50", $"{inContext.P50:0.00} ms (p99 {inContext.P99:0.0})", "", null, "≤ 5 ms", inContext.P50 <= 5));
        await SuspendedAsync(run, instance, caller);
        await RestingAsync(run, instance, caller);
    }

    /// <summary>Bytes into and out of sandboxes.</summary>
    public static async Task MeasureTransfersAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        using var caller = new SandboxCaller(instance);
        var (sandbox, _) = await caller.CreateAsync("base");
        await caller.RunCodeAsync(sandbox, "6*7", "42");
        await StreamAsync(run, instance, caller, sandbox);
        await FilesAsync(run, instance, caller, sandbox);
    }

    private static async Task StreamAsync(Run run, Instance instance, SandboxCaller caller, SandboxCaller.Sandbox sandbox)
    {
        await AddAsync("output streamed out of a sandbox, written in pieces of 8 KiB", $"head -c {StreamMiB}M /dev/zero");
        await AddAsync("the same in pieces of 64 KiB", $"dd if=/dev/zero bs=64k count={StreamMiB * 16} 2> /dev/null");

        async Task AddAsync(string what, string command)
        {
            var before = instance.Footprint().ProductMiB;
            instance.ForgetPeak();
            var (bytes, rate) = await caller.StreamAsync(sandbox, command);
            // Base64 in JSON: four bytes of stream for three of output.
            var output = StreamMiB * 1048576.0 / (bytes / rate) / 1e6;
            run.Add(new Figure(what, $"{output:0} MB/s", $"peak of toolrt {instance.PeakMiB - before:+0;-0} MiB", null, "≥ 100 MB/s, no growth", output >= 100 && instance.PeakMiB - before <= 64));
        }
    }

    private static async Task FilesAsync(Run run, Instance instance, SandboxCaller caller, SandboxCaller.Sandbox sandbox)
    {
        List<double> up = [];
        List<double> down = [];
        List<double> pipe = [];
        for (var round = 0; round < Run.Rounds; round++)
        {
            pipe.Add(await PipeAsync(instance));
            up.Add(await caller.UploadAsync(sandbox, "/tmp/large", FileBytes));
            down.Add(await caller.DownloadAsync(sandbox, "/tmp/large", FileBytes));
        }

        var bare = Percentiles.Median(pipe);
        Add("file upload", Percentiles.Median(up));
        Add("file download", Percentiles.Median(down));

        void Add(string what, double rate) =>
            run.Add(new Figure(what, $"{rate / 1e6:0} MB/s", $"a pipe into runsc exec cat {bare / 1e6:0} MB/s", rate / bare, "≥ 0.6", rate >= 0.6 * bare));
    }

    /// <summary>The physical limit: bytes through a pipe into <c>cat</c> in a sandbox of the same instance, by gVisor's own exec.</summary>
    private static async Task<double> PipeAsync(Instance instance)
    {
        // One that nobody uses stands still and runs nothing.
        var state = Path.Combine(instance.DataFolder, "sandboxes", "state");
        var running = ProcessTable.Read().Of(instance.ProcessId, instance.DataFolder).Where(p => !p.IsStopped && p.IsSentry).ToList();
        var id = new DirectoryInfo(state).EnumerateFiles("*_sandbox:*.state").Select(f => f.Name.Split("_sandbox:")[0]).First(i => running.Exists(p => p.CommandLine.Contains(i, StringComparison.Ordinal)));
        var start = Stopwatch.GetTimestamp();
        using var cat = Process.Start(new ProcessStartInfo(Checkout.Runsc, [$"--root={state}", "--network=none", "--ignore-cgroups", "exec", id, "/bin/sh", "-c", "cat > /dev/null"]) { RedirectStandardInput = true })!;
        var piece = new byte[1 << 20];
        for (var sent = 0; sent < FileBytes; sent += piece.Length)
        {
            await cat.StandardInput.BaseStream.WriteAsync(piece);
        }

        cat.StandardInput.Close();
        await cat.WaitForExitAsync();
        return cat.ExitCode == 0 ? FileBytes / Stopwatch.GetElapsedTime(start).TotalSeconds : throw new InvalidDataException($"runsc exec ended with {cat.ExitCode}");
    }

    private static async Task RestingAsync(Run run, Instance instance, SandboxCaller caller)
    {
        const int Resting = 10;
        for (var i = 0; i < Resting; i++)
        {
            var (sandbox, _) = await caller.CreateAsync("base");
            await caller.RunCodeAsync(sandbox, $"{i}+1", $"{i + 1}");
        }

        await Task.Delay(s_settle);
        var (before, start) = (instance.Footprint().CpuSeconds, Stopwatch.GetTimestamp());
        await Task.Delay(s_watched);
        var (after, seconds) = (instance.Footprint().CpuSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
        var each = (after.Sandbox - before.Sandbox) / seconds / Resting;
        var own = (after.Product - before.Product) / seconds;
        run.Add(new Figure($"{Resting} sandboxes that were used and are not: processor of each", $"{each:P2}", $"toolrt for all of them {own:P2}", null, "for the reader", null));
    }

    private static async Task SuspendedAsync(Run run, Instance instance, SandboxCaller caller)
    {
        const int Suspended = 10;
        var before = await Calm.WaitAsync(instance);
        for (var i = 0; i < Suspended; i++)
        {
            var (sandbox, _) = await caller.CreateAsync("base");
            await caller.PauseAsync(sandbox);
        }

        var after = await Calm.WaitAsync(instance);
        var each = (after.SandboxMiB - before.SandboxMiB) / Suspended;
        run.Add(new Figure("a suspended session, memory of its processes", $"{Math.Max(0, each):0.0} MiB", "", null, "0 MiB", after.Sandboxes <= before.Sandboxes));
    }

    /// <summary>Many leases at once.</summary>
    public static async Task MeasureBurstAsync(Run run)
    {
        await using var instance = await Instance.StartAsync("--config", Configuration(Burst));
        using var caller = new SandboxCaller(instance);
        await WarmAsync(instance, caller, Burst);
        var leases = new List<Task<(SandboxCaller.Sandbox Sandbox, double Took)>>();
        for (var i = 0; i < Burst; i++)
        {
            leases.Add(caller.CreateAsync("base"));
            await Task.Delay(s_between);
        }

        var times = Percentiles.Of((await Task.WhenAll(leases)).Select(l => l.Took));
        run.Add(new Figure($"a burst of {Burst} leases from a pool of {Burst} at 100 a second, p50", $"{times.P50:0.0} ms", "", null, "≤ 5 ms", times.P50 <= 5));
        run.Add(new Figure("the same, p99", $"{times.P99:0.0} ms", "", null, "≤ 30 ms", times.P99 <= 30));
    }

    /// <summary>Many that stand warm.</summary>
    public static async Task MeasureDensityAsync(Run run)
    {
        await using var instance = await Instance.StartAsync("--config", Configuration(Dense));
        using var caller = new SandboxCaller(instance);
        await WarmAsync(instance, caller, Dense);
        var footprint = await Calm.WaitAsync(instance);
        run.Add(new Figure($"{footprint.Sandboxes} warm sandboxes (base, Python)", $"{footprint.SandboxMiB / 1024:0.00} GiB", "", null, "100 in 6 GB", footprint.Sandboxes >= Dense && footprint.SandboxMiB <= 6000 / 1.048576));
    }

    /// <summary>Waits until so many stand; the demand that makes them is a few creates, after which the server's code is compiled too.</summary>
    private static async Task WarmAsync(Instance instance, SandboxCaller caller, int count)
    {
        for (var i = 0; i < FirstCreates; i++)
        {
            var (sandbox, _) = await caller.CreateAsync("base");
            await caller.KillAsync(sandbox);
        }

        var start = Stopwatch.GetTimestamp();
        while (instance.Footprint().Sandboxes < count)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromMinutes(3))
            {
                throw new TimeoutException($"only {instance.Footprint().Sandboxes} of {count} sandboxes stand after 3 minutes");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }

        await Calm.WaitAsync(instance);
    }

    private static string Configuration(int warm)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("toolrt-bench-config-").FullName, "host.json");
        File.WriteAllText(path, $$"""{"version":"2.0","toolruntime":{"sandbox":{"warmTarget":{{warm}},"maximumSandboxes":{{warm + 20}}} } }""");
        return path;
    }
}
