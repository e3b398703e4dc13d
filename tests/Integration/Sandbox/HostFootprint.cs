using System.Security.Cryptography;
using System.Text;

namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>What one work folder holds on the host: counted the same way before, between and after.</summary>
/// <param name="Processes">Processes whose arguments name the folder.</param>
/// <param name="Mounts">Mounts below the folder.</param>
/// <param name="Cgroups">Control groups of its sandboxes.</param>
/// <param name="Entries">Bundles, layer folders and state files.</param>
internal sealed record HostFootprint(int Processes, int Mounts, int Cgroups, int Entries)
{
    public static HostFootprint Of(string workFolder)
    {
        var groups = Groups(workFolder).Sum(folder => Directory.GetDirectories(folder).Length);
        return new HostFootprint(
            ProcessesOf(workFolder).Count,
            File.ReadLines("/proc/self/mountinfo").Count(line => line.Contains($" {workFolder}/", StringComparison.Ordinal)),
            groups,
            new[] { "bundles", "layers", "state" }.Select(name => Path.Combine(workFolder, name)).Where(Directory.Exists).Sum(folder => Directory.GetFileSystemEntries(folder).Length));
    }

    public static IReadOnlyList<int> ProcessesOf(string workFolder) =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var id) ? id : 0)
            .Where(id => id > 0 && id != Environment.ProcessId && CommandLine(id).Contains(workFolder + "/", StringComparison.Ordinal))];

    /// <summary>Every process in the control groups of the folder's sandboxes, whatever it calls itself.</summary>
    public static IReadOnlyList<int> ProcessesInGroups(string workFolder) =>
        [.. Groups(workFolder)
            .SelectMany(folder => Directory.GetDirectories(folder))
            .SelectMany(folder => File.ReadLines(Path.Combine(folder, "cgroup.procs")))
            .Select(int.Parse)
            .Distinct()];

    private static IEnumerable<string> Groups(string workFolder)
    {
        var instance = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(workFolder)))[..12];
        return Directory.EnumerateDirectories("/sys/fs/cgroup")
            .Append("/sys/fs/cgroup")
            .Select(folder => Path.Combine(folder, "toolrt", instance))
            .Where(Directory.Exists);
    }

    private static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
