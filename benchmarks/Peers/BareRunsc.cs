using System.Diagnostics;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>Bare <c>runsc run</c> of one command: what a call costs where nothing is kept warm.</summary>
internal sealed class BareRunsc(Sandboxing sandboxing, IReadOnlyList<string> command)
{
    private static int s_count;

    /// <summary>Runs the command once, from start to exit, and gives the time and what it printed.</summary>
    public (TimeSpan Time, string Output) Run()
    {
        var id = $"peer{Environment.ProcessId}x{Interlocked.Increment(ref s_count)}";
        var bundle = Path.Combine(sandboxing.Work, id);
        RunscBundle.Write(bundle, sandboxing, command);
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(Start(sandboxing, bundle, id))!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var time = Stopwatch.GetElapsedTime(start);
        Directory.Delete(bundle, recursive: true);
        return process.ExitCode == 0 ? (time, output) : throw new InvalidOperationException($"bare runsc run ended with {process.ExitCode}");
    }

    /// <summary>How <c>runsc run</c> is started, its standard streams on pipes of ours.</summary>
    public static ProcessStartInfo Start(Sandboxing sandboxing, string bundle, string id) => new(
        sandboxing.Runsc,
        [
            $"--root={Path.Combine(sandboxing.Work, "state")}", "--network=none", "--ignore-cgroups", $"--platform={sandboxing.Platform}",
            "--overlay2=none", "run", $"--bundle={bundle}", id,
        ])
    { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
}
