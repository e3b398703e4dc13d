using System.Diagnostics;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Machine;
using ToolRuntime.Benchmarks.Peers;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>Sandboxes that are suspended, woken and forked, against gVisor's own checkpoint and restore.</summary>
internal static class Checkpoints
{
    private const int Forks = 20;
    private const int Wakes = 9;
    private const int Files = 100;
    private const double WakeBar = 1.3;
    private const double ForkSeconds = 5;
    private const string Answer = "held = bytearray(os.urandom(20 << 20))\nfor line in sys.stdin: print('ok', len(held), flush=True)\n";
    private static readonly string[] s_session = ["python3", "-S", "-u", "-c", "import os, sys\n" + Answer];

    // What the first cell of a notebook waits for: the interpreter as it is, and with what it mostly imports.
    private static readonly (string Name, string Image, string Imports, double Bar)[] s_starts =
    [
        ("plain Python", "base", "import os, sys, json, asyncio, http.client\n", 1.7),
        ("Python with numpy, pandas, matplotlib", "code-interpreter", "import os, sys, numpy, pandas, matplotlib.pyplot\n", 3),
    ];

    public static async Task MeasureAsync(Run run)
    {
        await using var sandboxes = await Sandboxes.StartAsync();
        var means = Run.Bare();
        var peer = new BareRestore(means, Checkout.PackedRoot(means), s_session);
        var bare = Directory.CreateTempSubdirectory("toolrt-peer-").FullName;
        var bareTaken = await peer.CheckpointAsync(bare);
        var lease = await sandboxes.LeaseAsync("base");
        await Sandboxes.StartSessionAsync(lease, s_session);
        await MeasureFilesAsync(run, sandboxes, lease);
        var start = Stopwatch.GetTimestamp();
        var taken = await lease.CheckpointAsync(sandboxes.Checkpoint("session"), CancellationToken.None);
        var whole = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        run.Add(new Figure("suspend a Python session that holds 20 MB: on disk, and its remains gone", $"{whole:0} ms ({taken.Bytes / 1e6:0} MB; it stood still for {taken.PauseMillis:0} ms)", $"bare `runsc checkpoint` {bareTaken.TotalMilliseconds:0} ms", whole / bareTaken.TotalMilliseconds, "for the reader", null));
        MeasureSuspended(run, sandboxes);
        await MeasureWakesAsync(run, sandboxes, peer, bare);
        await MeasureForksAsync(run, sandboxes, peer, bare);
        foreach (var (name, image, imports, bar) in s_starts)
        {
            await MeasureStartAsync(run, sandboxes, (name, image, bar), ["python3", "-u", "-c", imports + Answer]);
        }
    }

    // A process that is not there holds no memory; what is left is an entry in a table of the runtime's.
    private static void MeasureSuspended(Run run, Sandboxes sandboxes)
    {
        var processes = ProcessTable.Read().Of(0, sandboxes.WorkFolder + "/").Count;
        run.Add(new Figure("processes of a suspended session", $"{processes}", "", null, "0", processes == 0));
    }

    // They are kept beside the memory of a session, before it stands still.
    private static async Task MeasureFilesAsync(Run run, Sandboxes sandboxes, ISandboxLease lease)
    {
        for (var i = 0; i < Files; i++)
        {
            await lease.Agent.WriteFileAsync($"/home/user/file{i}", new byte[10_000], CancellationToken.None);
        }

        var start = Stopwatch.GetTimestamp();
        var archive = await lease.ArchiveFilesAsync(sandboxes.Checkpoint("files"), CancellationToken.None);
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        run.Add(new Figure($"archive of what it changed, {Files} files, while it runs", $"{time:0} ms ({archive.Tar.Length / 1e6:0.0} MB)", "", null, "for the reader", null));
    }

    private static async Task MeasureWakesAsync(Run run, Sandboxes sandboxes, BareRestore peer, string bare)
    {
        List<double> ours = [];
        List<double> theirs = [];
        for (var i = 0; i < Wakes; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var (id, channel) = await peer.RestoreAsync(bare);
            theirs.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await peer.EndAsync(id, channel);
            start = Stopwatch.GetTimestamp();
            await using var lease = await sandboxes.RestoreAsync("session");
            await Sandboxes.AskSessionAsync(lease);
            ours.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        var (woken, restored) = (Percentiles.Median(ours), Percentiles.Median(theirs));
        run.Add(new Figure("wake of it, to the session's first answer", $"{woken:0} ms", $"bare `runsc restore` {restored:0} ms", woken / restored, $"≤ {WakeBar}", woken / restored <= WakeBar));
    }

    private static async Task MeasureForksAsync(Run run, Sandboxes sandboxes, BareRestore peer, string bare)
    {
        List<double> ours = [];
        List<double> theirs = [];
        for (var round = 0; round < Run.Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var restored = await Task.WhenAll(Enumerable.Range(0, Forks).Select(_ => peer.RestoreAsync(bare)));
            theirs.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            await Task.WhenAll(restored.Select(one => peer.EndAsync(one.Id, one.Channel)));
            start = Stopwatch.GetTimestamp();
            var leases = await Task.WhenAll(Enumerable.Range(0, Forks).Select(_ => ForkAsync(sandboxes)));
            ours.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            await Task.WhenAll(leases.Select(lease => lease.DisposeAsync().AsTask()));
        }

        var (forked, parallel) = (Percentiles.Median(ours), Percentiles.Median(theirs));
        run.Add(new Figure($"fork of {Forks} from one checkpoint of it, all usable", $"{forked:0.0} s", $"{Forks} bare `runsc restore` at once {parallel:0.0} s", forked / parallel, $"≤ {ForkSeconds} s", forked <= ForkSeconds));
    }

    private static async Task<ISandboxLease> ForkAsync(Sandboxes sandboxes)
    {
        var lease = await sandboxes.RestoreAsync("session");
        await Sandboxes.AskSessionAsync(lease);
        return lease;
    }

    private static async Task MeasureStartAsync(Run run, Sandboxes sandboxes, (string Name, string Image, double Bar) what, string[] command)
    {
        List<double> cold = [];
        List<double> wakes = [];
        for (var round = 0; round < Run.Rounds; round++)
        {
            var checkpoint = $"{what.Image}{round}";
            var start = Stopwatch.GetTimestamp();
            var lease = await sandboxes.LeaseAsync(what.Image);
            await Sandboxes.StartSessionAsync(lease, command);
            cold.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await lease.CheckpointAsync(sandboxes.Checkpoint(checkpoint), CancellationToken.None);
            start = Stopwatch.GetTimestamp();
            await using var woken = await sandboxes.RestoreAsync(checkpoint);
            await Sandboxes.AskSessionAsync(woken);
            wakes.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        var (first, again) = (Percentiles.Median(cold), Percentiles.Median(wakes));
        run.Add(new Figure($"wake of a suspended session, {what.Name}", $"{again:0} ms", $"cold start of it {first:0} ms", first / again, $"≥ {what.Bar} times faster", first / again >= what.Bar));
    }
}
