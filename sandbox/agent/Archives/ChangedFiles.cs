using ToolRuntime.Sandbox.Agent.Files;
using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Archives;

/// <summary>
/// What was changed since the sandbox booted. The root is an overlay: what changes in a folder brings the folder itself, and all that it is in,
/// into the upper layer, with a time of change that nobody can set. So a folder whose time is older holds nothing that changed, and the walk
/// costs what changed, not what the image holds.
/// </summary>
internal sealed class ChangedFiles
{
    /// <summary>Memory of the sandbox that may be mounted apart from the root; other mounts are the host's or the kernel's.</summary>
    private static readonly string[] s_roots = ["/", "/tmp", "/run", "/home/user"];

    private readonly long _since;
    private readonly HashSet<(uint, uint)> _devices = [];
    private readonly HashSet<string> _started = new(StringComparer.Ordinal);
    private readonly Stack<(string Path, FileStatus Status)> _next = new();

    /// <summary>Will walk what changed at or after <paramref name="since"/>, nanoseconds since 1970.</summary>
    public ChangedFiles(long since)
    {
        _since = since;
        foreach (var root in s_roots)
        {
            if (FileEntry.TryStatus(root, follow: false, out var status) && _devices.Add((status.DeviceMajor, status.DeviceMinor)))
            {
                _started.Add(root);
                _next.Push((root, status));
            }
        }
    }

    /// <summary>Each changed file and folder, a folder before what it holds; with the names in a folder.</summary>
    public IEnumerable<(string Path, FileStatus Status, IReadOnlyList<string>? Names)> All()
    {
        while (_next.TryPop(out var entry))
        {
            var names = IsFolder(entry.Status) ? NamesIn(entry.Path) : null;
            if (IsChanged(entry.Status))
            {
                yield return (entry.Path, entry.Status, names);
            }

            foreach (var name in names ?? [])
            {
                Push(entry.Path == "/" ? "/" + name : $"{entry.Path}/{name}");
            }
        }
    }

    private void Push(string path)
    {
        if (!_started.Contains(path) && FileEntry.TryStatus(path, follow: false, out var status)
            && IsChanged(status) && (!IsFolder(status) || _devices.Contains((status.DeviceMajor, status.DeviceMinor))))
        {
            _next.Push((path, status));
        }
    }

    /// <summary>Only folders tell by their device what is mounted: an overlay's files have that of their layer.</summary>
    private static bool IsFolder(in FileStatus status) => FileEntry.TypeOf(status) == "folder";

    private bool IsChanged(in FileStatus status) => (status.ChangedSeconds * 1_000_000_000) + status.ChangedNanoseconds >= _since;

    private static List<string> NamesIn(string folder)
    {
        try
        {
            var options = new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };
            return [.. Directory.EnumerateFileSystemEntries(folder, "*", options).Select(path => Path.GetFileName(path)!)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Removed meanwhile.
            return [];
        }
    }
}
