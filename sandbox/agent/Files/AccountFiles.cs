using System.Globalization;

namespace ToolRuntime.Sandbox.Agent.Files;

/// <summary>Reads the text of /etc/passwd and /etc/group; lines that are not as they should be count for nothing, as in the C library.</summary>
internal static class AccountFiles
{
    internal static IReadOnlyList<Account> Users(string text)
    {
        var users = new List<Account>();
        foreach (var fields in Lines(text))
        {
            if (fields.Length >= 7 && Number(fields[2]) is { } uid && Number(fields[3]) is { } gid)
            {
                users.Add(new Account(fields[0], uid, gid, fields[5], fields[6]));
            }
        }

        return users;
    }

    internal static IReadOnlyDictionary<int, string> Groups(string text)
    {
        var groups = new Dictionary<int, string>();
        foreach (var fields in Lines(text))
        {
            if (fields.Length >= 3 && Number(fields[2]) is { } gid)
            {
                groups.TryAdd(gid, fields[0]);
            }
        }

        return groups;
    }

    private static IEnumerable<string[]> Lines(string text) =>
        text.Split('\n').Select(line => line.TrimEnd('\r').Split(':')).Where(fields => fields[0].Length > 0 && fields[0][0] != '#');

    private static int? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= int.MaxValue ? (int)number : null;
}
