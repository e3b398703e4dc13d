using System.Text.Json;

namespace ToolRuntime.Benchmarks.Peers;

/// <summary>What both bare peers run: one command in the product's own root file system, read-only, without network, SDK and scripts bound in.</summary>
internal static class RunscBundle
{
    /// <summary>Writes <c>config.json</c> into <paramref name="folder"/>.</summary>
    public static void Write(string folder, Sandboxing sandboxing, IReadOnlyList<string> command)
    {
        Directory.CreateDirectory(folder);
        object[] mounts =
        [
            new { destination = "/proc", type = "proc", source = "proc" },
            new { destination = "/tmp", type = "tmpfs", source = "tmpfs", options = new[] { "size=64m" } },
            new { destination = "/toolrt", type = "bind", source = sandboxing.SdkParent, options = new[] { "rbind", "ro" } },
            new { destination = "/layers", type = "bind", source = sandboxing.Scripts, options = new[] { "rbind", "ro" } },
        ];
        var config = new
        {
            ociVersion = "1.0.2",
            process = new { user = new { uid = 1000, gid = 1000 }, args = command, env = new[] { "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8" }, cwd = "/" },
            root = new { path = sandboxing.RootFileSystem, @readonly = true },
            hostname = "peer",
            mounts,
            linux = new { namespaces = new[] { new { type = "pid" }, new { type = "ipc" }, new { type = "uts" }, new { type = "mount" } } },
        };
        File.WriteAllBytes(Path.Combine(folder, "config.json"), JsonSerializer.SerializeToUtf8Bytes(config));
    }
}

/// <summary>What there is to sandbox with: the same runsc, platform, root file system and SDK as the product uses.</summary>
internal sealed record Sandboxing(string Runsc, string Platform, string RootFileSystem, string SdkParent, string Scripts, string Work);
