using System.Text;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Agent.Processes;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Services;

/// <summary>Operations on the names of files and folders.</summary>
internal static unsafe class FolderOperations
{
    private const int Here = -100;
    private const int LinkItself = 0x100;
    private const uint BasicStatus = 0x7ff;
    private const int FolderMode = 0x1ED;
    private const int LongestPath = 4096;

    internal static string PathOf(AgentRequest request) => Absolute(request.Path, "path");

    internal static AgentReply List(AgentRequest request)
    {
        var path = PathOf(request);
        if (Describe(path, follow: true).Type != "folder")
        {
            throw new OperationException(AgentErrorCode.BadRequest, $"{path} is no folder.");
        }

        var options = new EnumerationOptions { RecurseSubdirectories = request.Recursive, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };
        var entries = new List<AgentFile>();
        foreach (var found in Directory.EnumerateFileSystemEntries(path, "*", options))
        {
            if (TryDescribe(found, follow: false) is { } entry)
            {
                entries.Add(entry with { Name = Path.GetRelativePath(path, found) });
            }
        }

        entries.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return new AgentReply { Ok = true, Entries = entries };
    }

    internal static AgentReply Stat(AgentRequest request) => new() { Ok = true, Entry = Describe(PathOf(request), follow: false) };

    internal static AgentReply Remove(AgentRequest request)
    {
        var path = PathOf(request);
        if (Describe(path, follow: false).Type != "folder")
        {
            NativeError.Check(Libc.Unlink(path), $"remove {path}");
        }
        else if (request.Recursive)
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            NativeError.Check(Libc.RemoveFolder(path), $"remove {path}");
        }

        return AgentReply.Done;
    }

    internal static AgentReply Rename(AgentRequest request)
    {
        var (path, to) = (PathOf(request), Absolute(request.To, "to"));
        NativeError.Check(Libc.Rename(path, to), $"rename {path} to {to}");
        return AgentReply.Done;
    }

    internal static AgentReply MakeFolder(AgentRequest request)
    {
        var path = PathOf(request);
        var user = request.User ?? SpawnPlan.DefaultUser;
        if (request.Recursive)
        {
            MakeParents(path, user);
        }

        var made = Libc.MakeFolder(path, request.Mode ?? FolderMode);
        if (made < 0 && request.Recursive && NativeError.Last == NativeError.Exists && Describe(path, follow: true).Type == "folder")
        {
            return AgentReply.Done;
        }

        NativeError.Check(made, $"mkdir {path}");
        _ = Libc.ChangeLinkOwner(path, user.Uid, user.Gid);
        return AgentReply.Done;
    }

    internal static AgentFile Describe(string path, bool follow) =>
        TryDescribe(path, follow) ?? throw new NativeException($"stat {path}", NativeError.Last);

    private static AgentFile? TryDescribe(string path, bool follow)
    {
        const int Format = 0xF000;
        FileStatus status;
        if (Libc.StatX(Here, path, follow ? 0 : LinkItself, BasicStatus, &status) < 0)
        {
            return null;
        }

        var type = (status.Mode & Format) switch { 0x8000 => "file", 0x4000 => "folder", 0xA000 => "link", _ => "other" };
        var modified = (status.ModifiedSeconds * 1000) + (status.ModifiedNanoseconds / 1_000_000);
        return new AgentFile(Path.GetFileName(path), type, status.Size, status.Mode & 0xFFF, modified, (int)status.User, (int)status.Group, type == "link" ? ReadLink(path) : null);
    }

    private static string? ReadLink(string path)
    {
        var target = stackalloc byte[LongestPath];
        var length = Libc.ReadLink(path, target, LongestPath);
        return length < 0 ? null : Encoding.UTF8.GetString(target, (int)length);
    }

    internal static void MakeParents(string path, AgentUser user)
    {
        for (var end = path.IndexOf('/', 1); end > 0; end = path.IndexOf('/', end + 1))
        {
            var parent = path[..end];
            if (Libc.MakeFolder(parent, FolderMode) == 0)
            {
                _ = Libc.ChangeLinkOwner(parent, user.Uid, user.Gid);
            }
        }
    }

    private static string Absolute(string? path, string member) =>
        path is { Length: > 0 and < LongestPath } && path[0] == '/' && !path.Contains('\0', StringComparison.Ordinal)
            ? path
            : throw new OperationException(AgentErrorCode.BadRequest, $"'{member}' is '{path}': an absolute path below {LongestPath} characters is needed.");
}
