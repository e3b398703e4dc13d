using System.Diagnostics;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>A thousand sandboxes made and killed, and a thousand suspended: what is left of the one, and what the other hold.</summary>
internal static class SandboxCycles
{
    private const int Cycles = 1_000;
    private const int Before = 20;
    private const int AtOnce = 4;
    private const int MoreDescriptors = 8;

    /// <summary>Creates and kills.</summary>
    public static async Task MeasureCyclesAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        using var caller = new SandboxCaller(instance);
        Task CycleAsync(int number) => CycleOnceAsync(caller);
        await ManySessions.EachAsync(Before, AtOnce, CycleAsync);
        var before = await Calm.WaitAsync(instance);
        var start = Stopwatch.GetTimestamp();
        await ManySessions.EachAsync(Cycles, AtOnce, CycleAsync);
        var rate = Cycles / Stopwatch.GetElapsedTime(start).TotalSeconds;
        var after = await Calm.WaitAsync(instance);
        var isSame = (after.OutsideProcesses, after.Sandboxes, after.Mounts, after.Cgroups) == (before.OutsideProcesses, before.Sandboxes, before.Mounts, before.Cgroups) && after.Descriptors <= before.Descriptors + MoreDescriptors;
        run.Add(new Figure(
            $"{Cycles:N0} sandboxes made and killed, {AtOnce} at once, {rate:0.0} a second: left afterwards",
            $"{after.Sandboxes - before.Sandboxes} sandboxes, {after.OutsideProcesses - before.OutsideProcesses} processes outside of sandboxes, {after.Mounts - before.Mounts} mounts, {after.Cgroups - before.Cgroups} cgroups, {after.Descriptors - before.Descriptors} descriptors",
            "", null, "nothing", isSame));
    }

    /// <summary>Suspended sessions.</summary>
    public static async Task MeasureSuspendedAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        using var caller = new SandboxCaller(instance);
        await CycleOnceAsync(caller);
        var before = await Calm.WaitAsync(instance);
        var kept = FolderMiB(instance);
        await ManySessions.EachAsync(Cycles, AtOnce, async _ =>
        {
            var (sandbox, _) = await caller.CreateAsync("base");
            await caller.PauseAsync(sandbox);
        });
        var after = await Calm.WaitAsync(instance);
        run.Add(new Figure(
            $"{Cycles:N0} suspended sessions: sandboxes that stand for them",
            $"{after.Sandboxes - before.Sandboxes}, {after.ProductMiB - before.ProductMiB:0} MiB more in toolrt, {after.BrokerMiB - before.BrokerMiB:0} in nats-server, {(FolderMiB(instance) - kept) / Cycles:0.0} MiB of disk each",
            "", null, "0 MB each beside a table entry", after.Sandboxes <= before.Sandboxes && after.SandboxMiB <= before.SandboxMiB * 1.1));
    }

    private static async Task CycleOnceAsync(SandboxCaller caller)
    {
        var (sandbox, _) = await caller.CreateAsync("base");
        await caller.KillAsync(sandbox);
    }

    private static double FolderMiB(Instance instance)
    {
        using var du = Process.Start(new ProcessStartInfo("du", ["-sxm", instance.DataFolder]) { RedirectStandardOutput = true })!;
        return double.Parse(du.StandardOutput.ReadToEnd().Split('\t')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
