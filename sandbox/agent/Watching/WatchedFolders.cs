namespace ToolRuntime.Sandbox.Agent.Watching;

/// <summary>Which watch is of which folder, by its path below the watched one, which has the empty path.</summary>
internal sealed class WatchedFolders
{
    private readonly Dictionary<int, string> _paths = [];
    private readonly Dictionary<string, int> _watches = new(StringComparer.Ordinal);

    internal int Count => _paths.Count;

    internal static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    internal void Add(int watch, string path)
    {
        Remove(watch);
        _paths[watch] = path;
        _watches[path] = watch;
    }

    internal string? PathOf(int watch) => _paths.GetValueOrDefault(watch);

    internal void Remove(int watch)
    {
        if (_paths.Remove(watch, out var path) && _watches.GetValueOrDefault(path) == watch)
        {
            _watches.Remove(path);
        }
    }

    /// <summary>Forgets a folder and all that is in it; returns their watches.</summary>
    internal IReadOnlyList<int> RemoveTree(string path)
    {
        var prefix = path + "/";
        List<int> watches = [.. _watches.Where(pair => pair.Key == path || pair.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(pair => pair.Value)];
        watches.ForEach(Remove);
        return watches;
    }
}
