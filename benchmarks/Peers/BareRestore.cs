using System.Diagnostics;
using System.Text.Json;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>Bare <c>runsc checkpoint</c> and <c>restore --detach</c> of one program that answers lines, on the product's packed root, with nothing bound in.</summary>
internal sealed class BareRestore(Sandboxing sandboxing, string packedRoot, IReadOnlyList<string> command)
{
    private static int s_count;
    private readonly string _bundle = Path.Combine(sandboxing.Work, "bundle");

    /// <summary>Runs the program until it answers, and checkpoints it into <paramref name="folder"/>; the time of the latter.</summary>
    public async Task<TimeSpan> CheckpointAsync(string folder)
    {
        Directory.CreateDirectory(_bundle);
        var annotations = new Dictionary<string, string> { ["dev.gvisor.spec.rootfs.type"] = "erofs", ["dev.gvisor.spec.rootfs.source"] = packedRoot };
        var process = new { user = new { uid = 1000, gid = 1000 }, args = command, env = new[] { "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp" }, cwd = "/" };
        object[] mounts = [new { destination = "/proc", type = "proc", source = "proc" }, new { destination = "/tmp", type = "tmpfs", source = "tmpfs" }];
        object[] namespaces = [new { type = "pid" }, new { type = "ipc" }, new { type = "uts" }, new { type = "mount" }];
        var config = new { ociVersion = "1.0.2", process, root = new { path = sandboxing.RootFileSystem, @readonly = true }, mounts, linux = new { namespaces }, annotations };
        await File.WriteAllBytesAsync(Path.Combine(_bundle, "config.json"), JsonSerializer.SerializeToUtf8Bytes(config));
        var (id, channel) = await StartAsync("run");
        var start = Stopwatch.GetTimestamp();
        using (var checkpoint = Process.Start(Runsc("checkpoint", $"--image-path={folder}", "--compression=none", id))!)
        {
            await checkpoint.WaitForExitAsync();
        }

        var time = Stopwatch.GetElapsedTime(start);
        await EndAsync(id, channel);
        return time;
    }

    /// <summary>Restores it and asks a first line; whoever asked for it ends it.</summary>
    public Task<(string Id, Process Channel)> RestoreAsync(string folder) => StartAsync("restore", $"--image-path={folder}");

    /// <summary>Ends a sandbox.</summary>
    public async Task EndAsync(string id, Process channel)
    {
        using (channel)
        using (var delete = Process.Start(Runsc("delete", "--force", id))!)
        {
            await delete.WaitForExitAsync();
        }
    }

    private async Task<(string Id, Process Channel)> StartAsync(string verb, params string[] arguments)
    {
        var id = $"restore{Environment.ProcessId}x{Interlocked.Increment(ref s_count)}";
        var channel = Process.Start(Runsc([verb, .. arguments, "--detach", $"--bundle={_bundle}", id]))!;
        await channel.StandardInput.WriteLineAsync("x");
        await channel.StandardInput.FlushAsync();
        return await channel.StandardOutput.ReadLineAsync() is { Length: > 0 } ? (id, channel) : throw new InvalidOperationException($"bare runsc {verb} did not answer");
    }

    private ProcessStartInfo Runsc(params string[] arguments) => new(
        sandboxing.Runsc,
        [$"--root={Path.Combine(sandboxing.Work, "state")}", "--network=none", "--ignore-cgroups", $"--platform={sandboxing.Platform}", "--overlay2=none", .. arguments])
    { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
}
