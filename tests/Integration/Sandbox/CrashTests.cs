using System.Diagnostics;

using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Sandbox;

public sealed class CrashTests
{
    private const string FolderVariable = "TOOLRT_TEST_CRASH_FOLDER";

    [Fact]
    public async Task WhatAKilledProcessLeavesIsSweptAtTheNextStart()
    {
        using var deadline = SandboxMachine.Deadline();
        var folder = Directory.CreateTempSubdirectory("toolrt-crash-").FullName;
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["-method", $"{typeof(CrashTests).FullName}.{nameof(LeaseAndWaitToBeKilled)}", "-explicit", "only"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment[FolderVariable] = folder;
        using var victim = Process.Start(start)!;
        while (await victim.StandardOutput.ReadLineAsync(deadline.Token) is { } line && !line.Contains("work=", StringComparison.Ordinal))
        {
        }

        var work = (await File.ReadAllTextAsync(Path.Combine(folder, "work"), deadline.Token)).Trim();
        victim.Kill();
        await victim.WaitForExitAsync(deadline.Token);
        var left = HostFootprint.Of(work);
        Assert.True(left is { Mounts: 3, Cgroups: > 0, Entries: > 0 }, left.ToString());

        await using (await SandboxMachine.StartAsync(options => options with { WorkFolder = work }, deadline.Token))
        {
            Assert.Equal(new HostFootprint(0, 2, 0, 0), HostFootprint.Of(work));
        }

        Assert.Equal(new HostFootprint(0, 0, 0, 0), HostFootprint.Of(work));
    }

    [Fact(Explicit = true)]
    public async Task LeaseAndWaitToBeKilled()
    {
        using var deadline = SandboxMachine.Deadline();
        var folder = Environment.GetEnvironmentVariable(FolderVariable) ?? throw new InvalidOperationException("started by its parent only");
        var machine = await SandboxMachine.StartAsync(null, deadline.Token);
        _ = await machine.LeaseAsync(SandboxMachine.Bare, deadline.Token, machine.Layer(LayerKind.Code, "x", new string('y', 100_000)));
        await File.WriteAllTextAsync(Path.Combine(folder, "work"), machine.Options.WorkFolder, deadline.Token);
        Console.WriteLine($"work={machine.Options.WorkFolder}");
        await Task.Delay(System.Threading.Timeout.Infinite, deadline.Token);
    }
}
