using System.Text;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Machine;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>What an instance holds: after 200 deployments, at 10 sandboxes, and after 10,000 calls.</summary>
internal static class Standing
{
    private const int Deployments = 200;
    private const int Sandboxes = 10;
    private const int Calls = 10_000;
    private const double ProductBar = 150;
    private const double BrokerBar = 40;
    private static readonly (string Name, string File, double Bar)[] s_languages = [("Python", "mix.py", 50), ("Node", "mix.mjs", 80), ("C#", "mix.csx", 220)];

    /// <summary>200 deployments and 10,000 calls in a row: no growth.</summary>
    public static async Task MeasureGrowthAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        await Run.DeployMixAsync(instance, "mix");
        await Run.CheckSandboxedAsync(instance, "mix");
        await run.QueuedLoadAsync(instance, instance.Mcp.CallLoad("mix") with { Connections = 4, Seconds = 3 });
        List<(string When, Footprint What)> rows = [("start, warm", await Calm.WaitAsync(instance))];
        for (var i = 0; i < Deployments; i++)
        {
            await instance.Admin.DeployAsync($"f{i}", $"f{i}.py", Run.Source("mix.py", $"f{i}"));
            if (i == (Deployments / 2) - 1)
            {
                rows.Add(($"{Deployments / 2} deployments", await Calm.WaitAsync(instance)));
            }
        }

        rows.Add(($"{Deployments} deployments", await Calm.WaitAsync(instance)));
        var idle = rows[^1].What;
        run.Add(new Figure($"idle after {Deployments} deployments: toolrt, resident", $"{idle.ProductMiB:0} MiB", "", null, $"≤ {ProductBar} MiB", idle.ProductMiB <= ProductBar));
        run.Add(new Figure($"idle after {Deployments} deployments: nats-server, resident", $"{idle.BrokerMiB:0} MiB", "", null, $"≤ {BrokerBar} MiB", idle.BrokerMiB <= BrokerBar));
        for (var part = 1; part <= 2; part++)
        {
            await run.QueuedLoadAsync(instance, instance.Mcp.CallLoad("mix") with { WarmSeconds = 0, Seconds = 600, MostCalls = Calls / 2 });
            rows.Add(($"{part * Calls / 2:N0} calls more, one after another", await Calm.WaitAsync(instance)));
        }

        run.AddTable(Table(rows));
    }

    /// <summary>Memory of all host processes at 10 sandboxes, for each of them.</summary>
    public static async Task MeasureSandboxesAsync(Run run)
    {
        foreach (var (name, file, bar) in s_languages)
        {
            await using var instance = await Instance.StartAsync();
            for (var i = 0; i < Sandboxes; i++)
            {
                var function = $"mix{(char)('a' + i)}";
                await instance.Admin.DeployAsync(function, function + Path.GetExtension(file), Run.Source(file, function));
                await instance.Mcp.CheckedCallAsync(function, run.Random);
            }

            var found = await Calm.WaitAsync(instance);
            var each = found.AllMiB / found.Sandboxes;
            run.Add(new Figure(
                $"memory (PSS) of all host processes for each of {found.Sandboxes} sandboxes, {name}",
                $"{each:0} MiB",
                $"sandbox processes alone {found.SandboxMiB / found.Sandboxes:0} MiB",
                null,
                $"≤ {bar} MiB",
                each <= bar));
        }
    }

    private static string Table(List<(string When, Footprint What)> rows)
    {
        var text = new StringBuilder()
            .AppendLine("| when | toolrt MiB | nats-server MiB | all PSS MiB | sandboxes | processes | descriptors | mounts | cgroups |")
            .AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var (when, f) in rows)
        {
            text.AppendLine($"| {when} | {f.ProductMiB:0} | {f.BrokerMiB:0} | {f.AllMiB:0} | {f.Sandboxes} | {f.Processes} | {f.Descriptors} | {f.Mounts} | {f.Cgroups} |");
        }

        return text.ToString();
    }
}
