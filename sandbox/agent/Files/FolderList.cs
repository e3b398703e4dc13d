using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Files;

/// <summary>What a folder holds: depth first, by name; replied in parts, since one message would be too small for a large folder.</summary>
internal sealed class FolderList(AgentStream stream, string root, int depth)
{
    /// <summary>Under the largest message, and above what one entry can have.</summary>
    private const int PartLength = 768 * 1024;

    private readonly AccountNames _names = AccountNames.Now();

    /// <summary>Folders deeper than a thread's stack would bear wait here, not in calls.</summary>
    private readonly Stack<(string Name, int Depth)> _next = new();

    private List<AgentFile> _part = [];
    private int _partLength;
    private int _count;

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

            if (_count == AgentLists.MostEntries)
            {
                Reply(new AgentReply { Ok = true, Entries = _part, Truncated = true });
                return;
            }

            Add(entry with { Name = next.Name });
            if (entry.Type == "folder" && next.Depth < depth)
            {
                Push(next.Name + "/", next.Depth + 1);
            }
        }

        Reply(new AgentReply { Ok = true, Entries = _part });
    }

    private void Reply(AgentReply reply)
    {
        stream.Reply(reply);
        stream.Finish();
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
        if (_partLength + length > PartLength && _part.Count > 0)
        {
            stream.Reply(new AgentReply { Ok = true, Entries = _part, More = true });
            (_part, _partLength) = ([], 0);
        }

        _part.Add(entry);
        _partLength += length;
        _count++;
    }

    private string Under(string name) => root == "/" ? "/" + name : name.Length == 0 ? root : $"{root}/{name}";
}
