using System.Diagnostics;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Machine;
using ToolRuntime.Benchmarks.Peers;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>The first call of a new deployment: on a warm generic sandbox, and with none at all.</summary>
internal static class FirstCalls
{
    private const int Deployments = 9;
    private const int ColdCalls = 5;
    private const double ColdBar = 1.5;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    private static readonly Language[] s_languages =
    [
        new("Python", "mix.py", 60, ["python3", "/layers/bare.py"]),
        new("Node", "mix.mjs", 60, ["node", "/layers/bare.mjs"]),
        new("bash", "mix.sh", 60, ["bash", "/layers/bare.sh"]),
        new("C#", "mix.csx", 150, null),
    ];

    public static async Task MeasureWarmAsync(Run run)
    {
        foreach (var language in s_languages)
        {
            await using var instance = await Instance.StartAsync();
            List<double> times = [];
            for (var i = 0; i <= Deployments; i++)
            {
                var name = $"mix{(char)('a' + i)}";
                await DeployAsync(instance, language, name, "");
                await Calm.WaitAsync(instance);
                var time = await instance.Mcp.CheckedCallAsync(name, run.Random);
                if (i > 0)
                {
                    times.Add(time);
                }
            }

            var found = Percentiles.Of(times);
            run.Add(new Figure($"first call of a new deployment, warm generic worker, {language.Name}", $"{found.P50:0} ms (slowest of {Deployments}: {found.Slowest:0})", "", null, $"≤ {language.WarmBar} ms", found.P50 <= language.WarmBar));
        }
    }

    public static async Task MeasureColdAsync(Run run)
    {
        var configuration = Path.GetTempFileName();
        await File.WriteAllTextAsync(configuration, """{"toolruntime":{"sandbox":{"warmIdleSeconds":1}}}""");
        await using var instance = await Instance.StartAsync("--config", configuration);
        var bare = Run.Bare();
        foreach (var language in s_languages)
        {
            if (language.Bare is not { } command)
            {
                continue;
            }

            var name = $"cold{Path.GetExtension(language.File)[1..]}";
            await DeployAsync(instance, language, name, """{"pool":{"idleSeconds":1}}""");
            List<double> ours = [];
            List<double> theirs = [];
            for (var i = 0; i < ColdCalls; i++)
            {
                await EmptyAsync(instance);
                ours.Add(await instance.Mcp.CheckedCallAsync(name, run.Random));
                await EmptyAsync(instance);
                theirs.Add(new BareRunsc(bare, command).Run().Time.TotalMilliseconds);
            }

            var (our, its) = (Percentiles.Median(ours), Percentiles.Median(theirs));
            run.Add(new Figure($"first call with no sandbox at all, {language.Name}", $"{our:0} ms", $"`runsc run` of the same interpreter {its:0} ms", our / its, $"≤ {ColdBar}", our / its <= ColdBar));
        }

        File.Delete(configuration);
    }

    private static Task DeployAsync(Instance instance, Language language, string name, string manifest) =>
        instance.Admin.DeployAsync(name, name + Path.GetExtension(language.File), Run.Source(language.File, name), manifest);

    private static async Task EmptyAsync(Instance instance)
    {
        var start = Stopwatch.GetTimestamp();
        while (instance.Footprint() is { Sandboxes: > 0 } footprint)
        {
            if (Stopwatch.GetElapsedTime(start) > s_longest)
            {
                throw new InvalidDataException($"{footprint.Sandboxes} sandboxes stand {s_longest.TotalSeconds} s after the last call, though 1 s was asked for");
            }

            await Task.Delay(100);
        }
    }

    private sealed record Language(string Name, string File, double WarmBar, IReadOnlyList<string>? Bare);
}
