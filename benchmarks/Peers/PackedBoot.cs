using System.Diagnostics;
using System.Text.Json;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>Bare <c>runsc run</c> of <c>/bin/true</c> on a packed root, as the product boots it, with a folder of the host for volumes or without.</summary>
internal sealed class PackedBoot(Sandboxing sandboxing, string packedRoot)
{
    private int _count;

    /// <summary>Boots once and gives the milliseconds.</summary>
    public double Run(bool hasVolumes)
    {
        var id = $"packed{Environment.ProcessId}x{++_count}";
        var bundle = Path.Combine(sandboxing.Work, id);
        var (root, volumes) = (Directory.CreateDirectory(Path.Combine(bundle, "root")).FullName, Directory.CreateDirectory(Path.Combine(bundle, "volumes")).FullName);
        List<object> mounts = [new { destination = "/proc", type = "proc", source = "proc" }];
        if (hasVolumes)
        {
            mounts.Add(new { destination = "/volumes", type = "bind", source = volumes, options = new[] { "rbind", "rw" } });
        }

        var config = new
        {
            ociVersion = "1.0.2",
            process = new { user = new { uid = 0, gid = 0 }, args = new[] { "/bin/true" }, env = new[] { "PATH=/usr/bin:/bin" }, cwd = "/" },
            root = new { path = root, @readonly = false },
            hostname = "peer",
            mounts,
            linux = new { namespaces = new[] { new { type = "pid" }, new { type = "ipc" }, new { type = "uts" }, new { type = "mount" } } },
            annotations = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["dev.gvisor.spec.rootfs.type"] = "erofs",
                ["dev.gvisor.spec.rootfs.source"] = packedRoot,
                ["dev.gvisor.spec.rootfs.overlay"] = "memory",
            },
        };
        File.WriteAllBytes(Path.Combine(bundle, "config.json"), JsonSerializer.SerializeToUtf8Bytes(config));
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(BareRunsc.Start(sandboxing, bundle, id))!;
        process.WaitForExit();
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Directory.Delete(bundle, recursive: true);
        return process.ExitCode == 0 ? time : throw new InvalidOperationException($"bare runsc run ended with {process.ExitCode}");
    }
}
