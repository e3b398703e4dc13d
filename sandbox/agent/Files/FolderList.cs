using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Files;

/// <summary>What a folder holds: depth first, by name; replied in parts, since one message would be too small for a large folder.</summary>
internal sealed class FolderList(AgentStream stream, string root, int depth)
{
    private readonly AccountNames _names = AccountNames.Now();

    /// <summary>Folders deeper than a thread's stack would bear wait here, not in calls.</summary>
    private readonly Stack<(string Name, int Depth)> _next = new();

    private readonly ReplyParts<AgentFile> _parts = new(stream, entries => new AgentReply { Ok = true, Entries = entries });

    internal void Run()
    {
        Push("", 1);
        while (_next.TryPop(out var next))
        {
            var path = Under(next.Name);
            if (FileEntry.TryDescribe(path, follow: false, _names) is not { } entry)
            {
                continue;
            }

            if (_parts.Count == AgentLists.MostEntries)
            {
                _parts.End(truncated: true);
                return;
            }

            Add(entry with { Name = next.Name });
            if (entry.Type == "folder" && next.Depth < depth)
            {
                Push(next.Name + "/", next.Depth + 1);
            }
        }

        _parts.End(truncated: false);
    }

    private void Push(string prefix, int level)
    {
        foreach (var name in NamesIn(Under(prefix)))
        {
            _next.Push((prefix + name, level));
        }
    }

    /// <summary>Last name first, so that the first one is on top.</summary>
    private static List<string> NamesIn(string folder)
    {
        try
        {
            var options = new EnumerationOptions { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };
            var names = Directory.EnumerateFileSystemEntries(folder, "*", options).Take(AgentLists.MostEntries + 1).Select(path => Path.GetFileName(path)).ToList();
            names.Sort((left, right) => string.CompareOrdinal(right, left));
            return names;
        }
        catch (IOException)
        {
            // Removed meanwhile.
            return [];
        }
    }

    private void Add(AgentFile entry)
    {
        // JSON writes a character as at most six bytes.
        var length = 400 + (6 * (entry.Name.Length + entry.Path.Length + entry.Owner.Length + entry.Group.Length + (entry.Target?.Length ?? 0)))
            + (entry.Attributes?.Sum(pair => 10 + (6 * (pair.Key.Length + pair.Value.Length))) ?? 0);
        _parts.Add(entry, length);
    }

    private string Under(string name) => root == "/" ? "/" + name : name.Length == 0 ? root : $"{root}/{name}";
}
