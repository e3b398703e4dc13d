using System.Globalization;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>A line of /proc/PID/stat, the part that says where a process belongs.</summary>
internal readonly record struct ProcessFacts(int Pid, char State, int Parent, int Group, int Session)
{
    /// <summary>
    /// Reads it; null when it is no such line, or that of a process which is no longer one: gVisor gives those the number 0, which to a signal
    /// means whoever sends it. The program's name may hold anything, also blanks and brackets.
    /// </summary>
    internal static ProcessFacts? Read(string text)
    {
        var (name, end) = (text.IndexOf('('), text.LastIndexOf(')'));
        if (name < 1 || end < name || !int.TryParse(text.AsSpan(0, name - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || pid == 0)
        {
            return null;
        }

        var fields = text[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length >= 4 && fields[0].Length == 1 && Number(fields[1]) is { } parent && Number(fields[2]) is { } group && Number(fields[3]) is { } session
            ? new ProcessFacts(pid, fields[0][0], parent, group, session)
            : null;
    }

    /// <summary>Those of <paramref name="all"/> that belong to a tree: of its root's session or group, or descended from one that does.</summary>
    internal static IReadOnlyCollection<int> Tree(int root, IReadOnlyList<ProcessFacts> all)
    {
        var members = all.Where(facts => facts.Pid == root || facts.Session == root || facts.Group == root).Select(facts => facts.Pid).ToHashSet();
        members.Add(root);
        var children = all.ToLookup(facts => facts.Parent, facts => facts.Pid);
        var next = new Stack<int>(members);
        while (next.TryPop(out var parent))
        {
            foreach (var child in children[parent].Where(members.Add))
            {
                next.Push(child);
            }
        }

        return members;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
