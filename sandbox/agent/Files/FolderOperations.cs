using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Agent.Processes;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Files;

/// <summary>Operations on the names of files and folders.</summary>
internal static class FolderOperations
{
    private const int FolderMode = 0x1ED;

    internal static string PathOf(AgentRequest request) => Absolute(request.Path, "path");

    internal static void List(AgentStream stream, AgentRequest request)
    {
        var path = PathOf(request);
        if (request.Depth is < 1)
        {
            throw new OperationException(AgentErrorCode.BadRequest, $"'depth' is {request.Depth}; 1 is what the folder holds itself.");
        }

        if (FileEntry.Describe(path, follow: true).Type != "folder")
        {
            throw new OperationException(AgentErrorCode.NotFolder, $"{path} is no folder.");
        }

        new FolderList(stream, path, request.Depth ?? (request.Recursive ? int.MaxValue : 1)).Run();
    }

    internal static AgentReply Stat(AgentRequest request) => Described(PathOf(request), request.Follow);

    internal static AgentReply Remove(AgentRequest request)
    {
        var path = PathOf(request);
        if (request.Recursive)
        {
            FileMove.Remove(path);
        }
        else
        {
            var isFolder = FileEntry.Describe(path, follow: false).Type == "folder";
            NativeError.Check(isFolder ? Libc.RemoveFolder(path) : Libc.Unlink(path), $"remove {path}");
        }

        return AgentReply.Done;
    }

    internal static AgentReply Rename(AgentRequest request)
    {
        var (path, to) = (PathOf(request), Absolute(request.To, "to"));
        _ = FileEntry.Describe(path, follow: false);
        if (request.Parents)
        {
            MakeParents(to, request.User ?? SpawnPlan.DefaultUser);
        }

        FileMove.Run(path, to);
        return Described(to, follow: false);
    }

    internal static AgentReply MakeFolder(AgentRequest request)
    {
        var path = PathOf(request);
        var user = request.User ?? SpawnPlan.DefaultUser;
        if (request.Recursive || request.Parents)
        {
            MakeParents(path, user);
        }

        if (Libc.MakeFolder(path, request.Mode ?? FolderMode) < 0)
        {
            var error = NativeError.Last;
            if (error != NativeError.Exists)
            {
                throw new NativeException($"mkdir {path}", error);
            }

            return Standing(path, request.Recursive);
        }

        _ = Libc.ChangeLinkOwner(path, user.Uid, user.Gid);
        if (request.Mode is { } mode)
        {
            NativeError.Check(Libc.ChangePathMode(path, mode), $"chmod {path}");
        }

        return Described(path, follow: false);
    }

    /// <summary>Makes a link of root's, with the folders on the way. It takes the place of an empty folder; one that leads there already may stand.</summary>
    internal static AgentReply Link(AgentRequest request)
    {
        var (path, to) = (PathOf(request), Absolute(request.To, "to"));
        MakeParents(path, request.User ?? SpawnPlan.DefaultUser);
        if (FileEntry.TryStatus(path, follow: false, out _) && FileEntry.Describe(path, follow: false) is var standing)
        {
            if (standing.Type == "link" && new FileInfo(path).LinkTarget == to)
            {
                return AgentReply.Done;
            }

            if (standing.Type != "folder" || Libc.RemoveFolder(path) < 0)
            {
                throw new OperationException(AgentErrorCode.Exists, $"{path} stands already and is no empty folder.");
            }
        }

        NativeError.Check(Libc.MakeLink(to, path), $"link {path}");
        return AgentReply.Done;
    }

    internal static AgentReply SetAttributes(AgentRequest request)
    {
        var path = PathOf(request);
        _ = FileEntry.Describe(path, follow: true);
        ExtendedAttributes.Replace(path, request.Attributes ?? new Dictionary<string, string>(StringComparer.Ordinal));
        return Described(path, follow: false);
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

    private static AgentReply Standing(string path, bool wanted) => FileEntry.Describe(path, follow: true) switch
    {
        { Type: not "folder" } => throw new OperationException(AgentErrorCode.NotFolder, $"{path} is a file."),
        _ when !wanted => throw new OperationException(AgentErrorCode.Exists, $"{path} stands already."),
        var entry => new AgentReply { Ok = true, Entry = entry },
    };

    private static AgentReply Described(string path, bool follow) => new() { Ok = true, Entry = FileEntry.Describe(path, follow) };

    private static string Absolute(string? path, string member) => IsAbsolute(path)
        ? path!.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/"
        : throw new OperationException(AgentErrorCode.BadRequest, $"'{member}' is '{path}': an absolute path below {FileEntry.LongestPath} characters is needed.");

    private static bool IsAbsolute(string? path) =>
        path is { Length: > 0 and < FileEntry.LongestPath } && path[0] == '/' && !path.Contains('\0', StringComparison.Ordinal);
}
