using System.Globalization;

using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Files;

/// <summary>The sandbox's users and groups. Read again when one of their files has changed, so that a user who was just added has a name.</summary>
internal sealed unsafe class AccountNames
{
    private const string UserFile = "/etc/passwd";
    private const string GroupFile = "/etc/group";
    private static volatile AccountNames? s_last;
    private readonly (Stamp Users, Stamp Groups) _stamps;
    private readonly IReadOnlyList<Account> _users;
    private readonly Dictionary<int, string> _userNames = [];
    private readonly IReadOnlyDictionary<int, string> _groupNames;

    private AccountNames((Stamp Users, Stamp Groups) stamps)
    {
        _stamps = stamps;
        _users = AccountFiles.Users(Text(UserFile));
        _groupNames = AccountFiles.Groups(Text(GroupFile));
        foreach (var user in _users)
        {
            _userNames.TryAdd(user.Uid, user.Name);
        }
    }

    /// <summary>As the files are now; one operation takes it once.</summary>
    internal static AccountNames Now()
    {
        var stamps = (StampOf(UserFile), StampOf(GroupFile));
        if (s_last is not { } last || last._stamps != stamps)
        {
            s_last = last = new AccountNames(stamps);
        }

        return last;
    }

    internal Account? Find(string name) => _users.FirstOrDefault(user => user.Name == name);

    internal string User(int uid) => _userNames.TryGetValue(uid, out var name) ? name : uid.ToString(CultureInfo.InvariantCulture);

    internal string Group(int gid) => _groupNames.TryGetValue(gid, out var name) ? name : gid.ToString(CultureInfo.InvariantCulture);

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // An image may have no users: then there are only numbers.
            return "";
        }
    }

    private static Stamp StampOf(string path)
    {
        FileStatus status;
        return Libc.StatX(FileEntry.Here, path, 0, FileEntry.BasicStatus, &status) == 0
            ? new Stamp(status.ModifiedSeconds, status.ModifiedNanoseconds, status.Size)
            : default;
    }

    private readonly record struct Stamp(long Seconds, uint Nanoseconds, long Size);
}
