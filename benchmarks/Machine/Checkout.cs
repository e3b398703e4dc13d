using System.Runtime.CompilerServices;
using System.Text.Json;

using ToolRuntime.Benchmarks.Peers;

namespace ToolRuntime.Benchmarks.Machine;

/// <summary>Where things are: this tree, and the cache that the product fills.</summary>
internal static class Checkout
{
    /// <summary>The repository's folder.</summary>
    public static string Root { get; } = Find();

    /// <summary>The functions that the benchmarks deploy.</summary>
    public static string Functions => Path.Combine(Root, "benchmarks", "functions");

    /// <summary>The cache that the product fills.</summary>
    public static string Cache => Environment.GetEnvironmentVariable("TOOLRT_CACHE") is { Length: > 0 } set ? set : "/var/cache/toolrt";

    /// <summary>The gVisor build that the product uses; there once an instance has run.</summary>
    public static string Runsc => Path.Combine(Cache, "runsc/backports/usr/bin/runsc");

    /// <summary>The runsc, platform and root file system that the product uses; there once an instance has run.</summary>
    public static Sandboxing Sandboxing(string work)
    {
        var image = Directory.EnumerateDirectories(Path.Combine(Cache, "images")).Select(i => Path.Combine(i, "rootfs"))
            .First(i => File.Exists(Path.Combine(i, "usr/bin/python3")));
        using var platform = JsonDocument.Parse(File.ReadAllText(Directory.EnumerateFiles(Path.Combine(Cache, "platforms"), "*.json").First()));
        Directory.CreateDirectory(Path.Combine(work, "state"));
        return new Sandboxing(
            Runsc,
            platform.RootElement.GetProperty("platform").GetString()!,
            image,
            Path.Combine(Root, "functions"),
            Functions,
            work);
    }

    /// <summary>The newest packed root of the image that <see cref="Sandboxing"/> names; there once an instance has run.</summary>
    public static string PackedRoot(Sandboxing sandboxing) =>
        new DirectoryInfo(Path.GetDirectoryName(sandboxing.RootFileSystem)!).EnumerateFiles("*.erofs").MaxBy(f => f.LastWriteTimeUtc)!.FullName;

    /// <summary>One line on the machine.</summary>
    public static string Describe()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown processor";
        var memory = long.Parse(File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024 / 1024;
        return $"{Environment.ProcessorCount} cores ({model}), {memory} GiB, Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}";
    }

    private static string Find([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ToolRuntime.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("ToolRuntime.sln is in no parent folder");
    }
}
