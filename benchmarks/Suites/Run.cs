using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;
using ToolRuntime.Benchmarks.Machine;
using ToolRuntime.Benchmarks.Peers;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>One group of figures that are taken in one run.</summary>
/// <param name="Name">What names it on the command line.</param>
/// <param name="Measure">Takes them.</param>
internal sealed record Suite(string Name, Func<Run, Task> Measure);

/// <summary>What a suite works with, and the checks that each must pass.</summary>
internal sealed class Run(string suite, Report report, int seed)
{
    /// <summary>Rounds of a comparison: peer and product take turns, so that a noisy moment meets both.</summary>
    public const int Rounds = 3;

    /// <summary>Source of all that is chosen at random.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>Takes a line of the table up.</summary>
    public void Add(Figure figure) => report.Add(suite, figure);

    /// <summary>Takes a table up.</summary>
    public void AddTable(string table) => report.AddTable(suite, table);

    /// <summary>Deploys the benchmark function under <paramref name="name"/>, with a tool of that name, and <c>NAME_where</c>.</summary>
    public static Task DeployMixAsync(Instance instance, string name, string manifest = "") =>
        instance.Admin.DeployAsync(name, $"{name}.py", Source("mix.py", name), manifest);

    /// <summary>The text of a benchmark function, its tools renamed to <paramref name="name"/>.</summary>
    public static string Source(string file, string name) =>
        File.ReadAllText(Path.Combine(Checkout.Functions, file)).Replace("where", name + "_where", StringComparison.Ordinal).Replace("mix", name, StringComparison.Ordinal);

    /// <summary>Checks that a function's worker runs on gVisor's kernel: the log of the kernel says so.</summary>
    public static async Task CheckSandboxedAsync(Instance instance, string name)
    {
        var (answer, _) = await instance.Mcp.CallAsync($"{name}_where", "{}");
        if (!answer.Contains("gVisor", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{name} does not run under gVisor: {answer}");
        }
    }

    /// <summary>Runs a load, and checks that each of its calls went through the queue and that answers were read.</summary>
    public async Task<LoadResult> QueuedLoadAsync(Instance instance, LoadSpec load)
    {
        var before = await instance.QueuedAsync();
        var result = await LoadProcess.RunAsync(load with { Seed = Random.Next() });
        var queued = await instance.QueuedAsync() - before;
        if (queued < result.AllCalls)
        {
            throw new InvalidDataException($"{result.AllCalls} calls were answered but only {queued} went through the queue");
        }

        return result.Checked > 0 ? result : throw new InvalidDataException("no answer was read");
    }

    /// <summary>A folder and the means to run bare sandboxes in it; an instance must have run before.</summary>
    public static Sandboxing Bare() => Checkout.Sandboxing(Directory.CreateTempSubdirectory("toolrt-peer-").FullName);
}
