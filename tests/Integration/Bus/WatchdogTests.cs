using System.Diagnostics;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>The message server's disk becomes full: that is known within a few canaries, and before it happens where the disk can be seen.</summary>
public sealed class WatchdogTests
{
    private const long Disk = 96L << 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AFullDiskIsTold(bool isSeen)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "a small disk is mounted, which needs root");
        var disk = Directory.CreateTempSubdirectory("toolrt-disk-").FullName;
        Run("mount", "-t", "tmpfs", "-o", $"size={Disk}", "tmpfs", disk);
        try
        {
            await using var server = await NatsServerProcess.StartAsync(
                new NatsServerOptions { Folder = Path.Combine(disk, "nats"), MaximumBytes = 1L << 30 }, NullLoggerFactory.Instance, TimeProvider.System, BusServer.Deadline());
            var options = server.Bus with
            {
                CanaryInterval = TimeSpan.FromMilliseconds(200),
                CanaryDeadline = TimeSpan.FromSeconds(2),
                CanaryBytes = 64 * 1024,
                StoreFolder = isSeen ? server.Bus.StoreFolder : null,
                DiskHeadroomBytes = 16L << 20,
            };
            await using var bus = await BusServer.ConnectAsync(options);
            Assert.Null(await ProblemAsync(bus, wanted: false));

            Fill(Path.Combine(disk, "filler"), isSeen ? new DriveInfo(disk).AvailableFreeSpace - (8L << 20) : long.MaxValue);

            var problem = await ProblemAsync(bus, wanted: true);
            Assert.Contains(isSeen ? "MiB left" : "does not store", problem, StringComparison.Ordinal);
            if (isSeen)
            {
                File.Delete(Path.Combine(disk, "filler"));
                Assert.Null(await ProblemAsync(bus, wanted: false));
            }
        }
        finally
        {
            Run("umount", "-l", disk);
            Directory.Delete(disk);
        }
    }

    private static async Task<string?> ProblemAsync(MessageBus bus, bool wanted)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var deadline = BusServer.Deadline();
        while (bus.Health.Problem is not null != wanted || (!wanted && bus.Health.StoreTime == TimeSpan.Zero))
        {
            await timer.WaitForNextTickAsync(deadline);
        }

        return bus.Health.Problem;
    }

    private static void Fill(string path, long bytes)
    {
        using var file = File.Create(path);
        var block = new byte[256 * 1024];
        try
        {
            for (; bytes > 0; bytes -= block.Length)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Full: that is what was wanted.
            return;
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
