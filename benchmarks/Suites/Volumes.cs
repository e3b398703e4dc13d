using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Machine;
using ToolRuntime.Benchmarks.Peers;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>Volumes: what one costs a warm sandbox, set against copying in and against reading through the channel; and what the folder for them costs a boot.</summary>
internal static class Volumes
{
    private const int Attaches = 40;
    private const int Boots = 15;
    private const double Most = 20;
    private static readonly int[] s_sizes = [1, 10, 100];

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        using var caller = new SandboxCaller(instance);
        await caller.MakeVolumeAsync("quota", 1024);
        await caller.MakeVolumeAsync("plain", 0);

        // The first sandbox that asks for volumes begins their pool: the bar is for one that stands warm.
        await CreateAsync(caller, "plain");
        foreach (var volume in (string[])["quota", "plain"])
        {
            await AttachAsync(run, instance, caller, volume);
        }

        await WaysAsync(run, caller);
        Boot(run);
    }

    /// <summary>A create with the volume beside one without, in turn, each on a warm sandbox.</summary>
    private static async Task AttachAsync(Run run, Instance instance, SandboxCaller caller, string volume)
    {
        List<double> bare = [];
        List<double> with = [];
        for (var i = 0; i < Attaches; i++)
        {
            await Calm.WaitAsync(instance);
            bare.Add(await CreateAsync(caller, null));
            await Calm.WaitAsync(instance);
            with.Add(await CreateAsync(caller, volume));
        }

        var (without, attached) = (Percentiles.Of(bare), Percentiles.Of(with));
        var (p50, p99) = (attached.P50 - without.P50, attached.P99 - without.P99);
        run.Add(new Figure($"attach of an existing volume ({volume}), create with it less create without", $"p50 {p50:0.0} ms, p99 {p99:0.0} ms", $"create without {without.P50:0.0} / {without.P99:0.0} ms", null, "≤ 20 ms", p50 <= Most && p99 <= Most));
    }

    private static async Task<double> CreateAsync(SandboxCaller caller, string? volume)
    {
        var (sandbox, took) = await caller.CreateAsync("base", volume);
        await caller.KillAsync(sandbox);
        return took;
    }

    /// <summary>The three ways to data in a sandbox, from a volume's mount, by copying in, and through the channel.</summary>
    private static async Task WaysAsync(Run run, SandboxCaller caller)
    {
        var (sandbox, _) = await caller.CreateAsync("base", "quota");
        foreach (var size in s_sizes)
        {
            var bytes = size << 20;
            await caller.UploadAsync(sandbox, $"/data/{size}", bytes);
            List<double> mounted = [];
            List<double> copied = [];
            List<double> channel = [];
            for (var round = 0; round < Run.Rounds; round++)
            {
                mounted.Add(await caller.TimeAsync(sandbox, $"cat /data/{size} > /dev/null"));
                copied.Add(bytes / await caller.UploadAsync(sandbox, $"/tmp/{size}", bytes) * 1000);
                channel.Add(bytes / await caller.DownloadAsync(sandbox, $"/data/{size}", bytes) * 1000);
            }

            run.Add(new Figure(
                $"{size} MB to a program in the sandbox: read where it is mounted",
                $"{Percentiles.Median(mounted):0} ms",
                $"copied in first {Percentiles.Median(copied):0} ms, through the channel {Percentiles.Median(channel):0} ms",
                Percentiles.Median(copied) / Percentiles.Median(mounted),
                "",
                null));
        }

        await caller.KillAsync(sandbox);
    }

    private static void Boot(Run run)
    {
        var sandboxing = Run.Bare();
        var boot = new PackedBoot(sandboxing, Checkout.PackedRoot(sandboxing));
        List<double> without = [];
        List<double> with = [];
        for (var i = 0; i < Boots; i++)
        {
            without.Add(boot.Run(hasVolumes: false));
            with.Add(boot.Run(hasVolumes: true));
        }

        var (bare, folder) = (Percentiles.Median(without), Percentiles.Median(with));
        run.Add(new Figure("boot of a sandbox with the folder for volumes, runsc run /bin/true, p50", $"{folder:0} ms", $"without {bare:0} ms", folder / bare, "", null));
    }
}
