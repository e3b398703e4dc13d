using System.Diagnostics;
using System.Runtime.InteropServices;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>Runs alone: it counts the descriptors of this process, which others open too.</summary>
[Collection(Alone.Name)]
public sealed partial class CheckpointFaultTests
{
    private const string FolderVariable = "TOOLRT_TEST_CHECKPOINT_FOLDER";
    private const int Cycles = 50;

    [Fact]
    public async Task FiftyCheckpointsAndRestoresLeaveNothing()
    {
        using var deadline = SandboxMachine.Deadline();
        var machine = await SandboxMachine.StartAsync(null, deadline.Token);
        var work = machine.Options.WorkFolder;
        var layer = machine.Layer(LayerKind.Code, "x", new string('y', 100_000));
        await CycleAsync(machine, layer, deadline.Token);
        var before = HostFootprint.Of(work);
        var descriptors = Directory.GetFileSystemEntries("/proc/self/fd").Length;

        for (var i = 0; i < Cycles; i++)
        {
            await CycleAsync(machine, layer, deadline.Token);
        }

        Assert.Equal(new HostFootprint(0, 2, 0, 0), before);
        Assert.Equal(before, HostFootprint.Of(work));
        Assert.InRange(Directory.GetFileSystemEntries("/proc/self/fd").Length, 0, descriptors + 4);
        Assert.Empty(Remains(machine.Options.CheckpointFolder));
        await machine.Pools.DisposeAsync();
        Assert.Equal(new HostFootprint(0, 0, 0, 0), HostFootprint.Of(work));
        Assert.False(Directory.Exists(Path.Combine(work, "roots")));
        Directory.Delete(machine.Folder, recursive: true);
    }

    [Fact]
    public async Task AProcessKilledInMidCheckpointLeavesNothingThatCounts()
    {
        using var deadline = SandboxMachine.Deadline();
        var folder = Directory.CreateTempSubdirectory("toolrt-crash-").FullName;
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["-method", $"{typeof(CheckpointFaultTests).FullName}.{nameof(SuspendUntilKilled)}", "-explicit", "only"])
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
        var checkpoints = Path.Combine(work, "checkpoints");
        await UntilPagesAreWrittenAsync(checkpoints, deadline.Token);
        var servers = ChildrenOf(victim.Id, "nats-server");
        victim.Kill();
        await victim.WaitForExitAsync(deadline.Token);

        // The message server that every run of this program starts would hold our output open.
        servers.ForEach(server => server.Kill());
        Assert.Equal(["whole"], Named(checkpoints));

        await using (var machine = await SandboxMachine.StartAsync(options => options with { WorkFolder = work }, deadline.Token))
        {
            Assert.Equal(["whole"], Remains(checkpoints));
            Assert.Equal(new HostFootprint(0, 2, 0, 0), HostFootprint.Of(work));
            await using var restored = await machine.Pools.RestoreAsync(Path.Combine(checkpoints, "whole"), new RestoreRequest("local", new FunctionLimits()), deadline.Token);
            await using var counter = await Counter.FindAsync(restored, deadline.Token);
            Assert.StartsWith("2 ", await Counter.AskAsync(counter, "on", deadline.Token), StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
        Directory.Delete(Path.GetDirectoryName(work)!, recursive: true);
    }

    [Fact(Explicit = true)]
    public async Task SuspendUntilKilled()
    {
        using var deadline = SandboxMachine.Deadline();
        var folder = Environment.GetEnvironmentVariable(FolderVariable) ?? throw new InvalidOperationException("started by its parent only");
        var machine = await SandboxMachine.StartAsync(null, deadline.Token);
        var whole = await machine.LeaseAsync(SandboxMachine.Bare, deadline.Token);
        await Counter.AskAsync(await Counter.StartAsync(whole, 1, deadline.Token), "x", deadline.Token);
        await whole.CheckpointAsync(Path.Combine(machine.Options.CheckpointFolder, "whole"), deadline.Token);

        // Large enough that its pages are on their way for longer than the parent takes to see them.
        var large = await machine.LeaseAsync(SandboxMachine.Bare, deadline.Token);
        await Counter.AskAsync(await Counter.StartAsync(large, 400, deadline.Token), "x", deadline.Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "work"), machine.Options.WorkFolder, deadline.Token);
        Console.WriteLine($"work={machine.Options.WorkFolder}");
        await large.CheckpointAsync(Path.Combine(machine.Options.CheckpointFolder, "never"), deadline.Token);
    }

    [Fact]
    public async Task AFullDiskIsToldBeforeTheSandboxIsTouched()
    {
        using var deadline = SandboxMachine.Deadline();
        var disk = Directory.CreateTempSubdirectory("toolrt-disk-").FullName;
        Assert.Equal(0, Mount("tmpfs", disk, "tmpfs", 0, "size=16m"));
        try
        {
            await using var machine = await SandboxMachine.StartAsync(options => options with { CheckpointFolder = Path.Combine(disk, "checkpoints") }, deadline.Token);
            await using var lease = await machine.LeaseAsync(SandboxMachine.Bare, deadline.Token);
            var counter = await Counter.StartAsync(lease, 1, deadline.Token);
            await Counter.AskAsync(counter, "x", deadline.Token);

            var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => lease.CheckpointAsync(Path.Combine(disk, "checkpoints", "one"), deadline.Token));

            Assert.Equal(FaultCode.CheckpointRefused, refused.Fault.Code);
            Assert.Contains("the disk has", refused.Fault.Message, StringComparison.Ordinal);
            Assert.StartsWith("2 ", await Counter.AskAsync(counter, "y", deadline.Token), StringComparison.Ordinal);
            Assert.Empty(Remains(machine.Options.CheckpointFolder));
        }
        finally
        {
            Assert.Equal(0, Unmount(disk, 0));
            Directory.Delete(disk);
        }
    }

    [Fact]
    public async Task RootsOnAnotherFileSystemAreCopiedOnceAndGoWithTheLastCheckpoint()
    {
        using var deadline = SandboxMachine.Deadline();
        var disk = Directory.CreateTempSubdirectory("toolrt-disk-").FullName;
        Assert.Equal(0, Mount("tmpfs", disk, "tmpfs", 0, "size=2g"));
        try
        {
            var folder = Path.Combine(disk, "checkpoints");
            await using (var machine = await SandboxMachine.StartAsync(options => options with { CheckpointFolder = folder }, deadline.Token))
            {
                foreach (var name in new[] { "one", "two" })
                {
                    await (await machine.LeaseAsync(SandboxMachine.Bare, deadline.Token)).CheckpointAsync(Path.Combine(folder, name), deadline.Token);
                }

                var root = new FileInfo(Path.Combine(folder, "one", "root.erofs")).Length;
                Assert.InRange(new DriveInfo(disk).TotalSize - new DriveInfo(disk).AvailableFreeSpace, root, 2 * root);
                await using var restored = await machine.Pools.RestoreAsync(Path.Combine(folder, "two"), new RestoreRequest("local", new FunctionLimits()), deadline.Token);
                Assert.Equal((0, "here\n"), await SandboxMachine.RunAsync(restored, deadline.Token, "echo", "here"));
            }

            Directory.Delete(Path.Combine(folder, "one"), recursive: true);
            Directory.Delete(Path.Combine(folder, "two"), recursive: true);
            await using (await SandboxMachine.StartAsync(options => options with { CheckpointFolder = folder }, deadline.Token))
            {
                Assert.Empty(Directory.GetFiles(Path.Combine(folder, ".roots")));
            }
        }
        finally
        {
            Assert.Equal(0, Unmount(disk, 0));
            Directory.Delete(disk);
        }
    }

    private static async Task CycleAsync(SandboxMachine machine, LayerReference layer, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(machine.Options.CheckpointFolder, "cycle");
        var lease = await machine.LeaseAsync(SandboxMachine.Bare, cancellationToken, layer);
        await lease.CheckpointAsync(folder, cancellationToken);
        await using (var restored = await machine.Pools.RestoreAsync(folder, new RestoreRequest("local", new FunctionLimits()), cancellationToken))
        {
            Assert.Equal((0, "here\n"), await SandboxMachine.RunAsync(restored, cancellationToken, "echo", "here"));
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Waits until gVisor has begun to write pages: there is no signal for it beside the file.</summary>
    private static async Task UntilPagesAreWrittenAsync(string checkpoints, CancellationToken cancellationToken)
    {
        while (!Directory.EnumerateDirectories(checkpoints, ".half-*").SelectMany(half => Directory.EnumerateFiles(half, "pages.img", SearchOption.AllDirectories)).Any(file => new FileInfo(file).Length > 0))
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static List<Process> ChildrenOf(int parent, string name) =>
        [.. Process.GetProcessesByName(name).Where(process => File.ReadAllText($"/proc/{process.Id}/stat").Split(' ')[3] == $"{parent}")];

    private static string[] Named(string checkpoints) =>
        [.. Directory.EnumerateDirectories(checkpoints).Select(folder => Path.GetFileName(folder)!).Where(name => name[0] != '.')];

    private static string[] Remains(string checkpoints) =>
        Directory.Exists(checkpoints)
            ? [.. Directory.EnumerateDirectories(checkpoints).Where(folder => Directory.EnumerateFileSystemEntries(folder).Any()).Select(folder => Path.GetFileName(folder)!)]
            : [];

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, ulong flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
