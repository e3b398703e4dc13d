using System.Diagnostics;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>Prints the figures of the pools on this machine; run by hand: <c>-class '*FigureTests' -explicit only</c>.</summary>
public sealed class FigureTests
{
    private const int Sandboxes = 10;

    [Theory(Explicit = true)]
    [InlineData("systrap", FunctionLanguage.Python)]
    [InlineData("ptrace", FunctionLanguage.Python)]
    [InlineData("systrap", FunctionLanguage.Mcp)]
    [InlineData("ptrace", FunctionLanguage.Mcp)]
    public async Task LeaseBootAndMemory(string platform, FunctionLanguage language)
    {
        var kind = new PoolKind("base", language);
        using var deadline = SandboxMachine.Deadline();
        await using var machine = await SandboxMachine.StartAsync(options => options with { Platform = platform, WarmTarget = Sandboxes, MaximumSandboxes = 2 * Sandboxes }, deadline.Token);
        var code = machine.Layer(LayerKind.Code, "x.py", "1");
        var packages = machine.Layer(LayerKind.PythonPackages, "y.py", "2");
        var start = Stopwatch.GetTimestamp();
        machine.Pools.Expect(kind);
        await machine.UntilWarmAsync(kind, Sandboxes, deadline.Token);
        var boots = Sandboxes / Stopwatch.GetElapsedTime(start).TotalSeconds;
        var memory = HostFootprint.ProcessesInGroups(machine.Options.WorkFolder).Sum(PssKiB) / 1024.0 / Sandboxes;

        var times = new List<double>();
        for (var i = 0; i < Sandboxes; i++)
        {
            await machine.UntilWarmAsync(kind, Sandboxes, deadline.Token);
            start = Stopwatch.GetTimestamp();
            ISandboxLease lease = await machine.LeaseAsync(kind, deadline.Token, code, packages);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await lease.DisposeAsync();
        }

        times.Sort();
        Console.WriteLine($"{platform}, {language}: {boots:0.0} boots/s to ready; lease with two layers p50 {times[Sandboxes / 2]:0.0} ms, worst {times[^1]:0.0} ms; PSS {memory:0.0} MiB a sandbox of {Sandboxes}");
    }

    private static long PssKiB(int process)
    {
        try
        {
            return File.ReadLines($"/proc/{process}/smaps_rollup")
                .Where(line => line.StartsWith("Pss:", StringComparison.Ordinal))
                .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
