using System.Text;

using ToolRuntime.Sandbox.Cgroups;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>Ends and removes all that belongs to an instance: what a crashed process left, or what the last sandbox leaves. Nothing is adopted.</summary>
internal static class OrphanSweep
{
    /// <summary>Sweeps: processes, control groups, mounts, folders, in this order, for each holds the next. Returns how many sandboxes were ended.</summary>
    public static async Task<int> RunAsync(WorkLayout layout, CgroupTree cgroups, TimeProvider time)
    {
        KillStrays(layout.State);
        var count = await cgroups.SweepAsync(time);
        Mounts.UnmountBelow(layout.Folder);
        foreach (var folder in new[] { layout.Bundles, layout.Layers, layout.Volumes, layout.VolumePoints, layout.Tools, layout.State, layout.Roots, layout.HalfCheckpoints })
        {
            Mounts.DeleteFolder(folder);
        }

        return count;
    }

    // A process that died between its start and its joining a control group is found by its state folder.
    private static void KillStrays(string state)
    {
        var argument = $"--root={state}\0";
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var process) && CommandLine(folder).Contains(argument, StringComparison.Ordinal))
            {
                _ = Libc.Kill(process, Libc.SignalKill);
            }
        }
    }

    private static string CommandLine(string processFolder)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(processFolder, "cmdline")));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The process ended meanwhile.
            return "";
        }
    }
}
