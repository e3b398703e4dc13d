using System.Buffers;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Files;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Watching;

/// <summary>
/// Tells what changes in a folder, by inotify, which sees one folder a watch: a recursive one adds a watch for each folder that comes, and
/// tells what was in it before the watch took hold. A host that does not read lets the kernel's queue run over, which is told.
/// </summary>
internal sealed unsafe class FolderWatch : IDisposable
{
    private const uint Wanted = WatchEvent.Attributes | WatchEvent.Modified | WatchEvent.MovedFrom | WatchEvent.MovedTo | WatchEvent.Created | WatchEvent.Deleted;
    private const uint OnlyFolders = 0x01000000;
    private const uint NoLinks = 0x02000000;
    private const int BufferSize = 64 * 1024;
    private const int MostFolders = 65_536;
    private readonly AgentStream _stream;
    private readonly AgentRequest _request;
    private readonly string _root;
    private readonly WatchedFolders _folders = new();
    private readonly ArrayBufferWriter<byte> _messages = new();

    /// <summary>What a look into a fresh folder has told, and the kernel may tell again.</summary>
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    private int _queue = NativeError.Check(Libc.WatchStart(Descriptors.CloseOnExec), "inotify_init");

    private FolderWatch(AgentStream stream, AgentRequest request, string root) => (_stream, _request, _root) = (stream, request, root);

    public void Dispose() => Descriptors.Close(ref _queue);

    internal static void Run(AgentStream stream, StreamInput input, AgentRequest request)
    {
        var root = FolderOperations.PathOf(request);
        if (FileEntry.Describe(root, follow: true).Type != "folder")
        {
            throw new OperationException(AgentErrorCode.NotFolder, $"{root} is no folder.");
        }

        using var watch = new FolderWatch(stream, request, root);
        watch._folders.Add(NativeError.Check(Libc.WatchAdd(watch._queue, root, Wanted | OnlyFolders), $"watch {root}"), "");
        if (request.Recursive)
        {
            watch.Enter("", tell: false);
        }

        using var ends = new WatchInput();
        input.Forward(stream, ends);
        stream.Reply(AgentReply.Done);
        watch.Pump(ends.Ended);
        stream.Finish();
    }

    private void Pump(int ended)
    {
        var buffer = new byte[BufferSize];
        fixed (byte* start = buffer)
        {
            while (Descriptors.Wait(_queue, PollDescriptor.In, ended))
            {
                var read = Descriptors.Read(_queue, start, BufferSize);
                foreach (var change in WatchEvent.Read(buffer.AsSpan(0, read)))
                {
                    OnChange(change);
                }

                if (!_stream.Send(_messages.WrittenSpan))
                {
                    return;
                }

                _messages.ResetWrittenCount();
                if (!Descriptors.WaitReadable(_queue, 0))
                {
                    // All that the kernel queued before those looks has come.
                    _told.Clear();
                }
            }
        }
    }

    private void OnChange(WatchEvent change)
    {
        if (change.Is(WatchEvent.Overflow))
        {
            Tell(AgentFileEventType.Overflow, "");
            Enter("", tell: false);
            return;
        }

        if (change.Is(WatchEvent.Ignored))
        {
            _folders.Remove(change.Watch);
            return;
        }

        // A folder tells of itself without a name; its parent tells the same with one.
        if (_folders.PathOf(change.Watch) is not { } folder || change.Name.Length == 0)
        {
            return;
        }

        var path = WatchedFolders.Join(folder, change.Name);
        OnFile(change, path);
        if (_request.Recursive && change.Is(WatchEvent.OfFolder))
        {
            OnFolder(change, path);
        }
    }

    private void OnFile(WatchEvent change, string path)
    {
        if (change.Is(WatchEvent.MovedFrom | WatchEvent.Deleted))
        {
            _told.Remove(path);
            Tell(change.Is(WatchEvent.Deleted) ? AgentFileEventType.Remove : AgentFileEventType.Rename, path);
        }
        else if (change.Is(WatchEvent.Created | WatchEvent.MovedTo))
        {
            if (!_told.Remove(path))
            {
                Tell(AgentFileEventType.Create, path);
            }
        }
        else if (change.Is(WatchEvent.Modified | WatchEvent.Attributes))
        {
            Tell(change.Is(WatchEvent.Modified) ? AgentFileEventType.Write : AgentFileEventType.Change, path);
        }
    }

    private void OnFolder(WatchEvent change, string path)
    {
        if (change.Is(WatchEvent.MovedFrom | WatchEvent.Deleted))
        {
            foreach (var watch in _folders.RemoveTree(path))
            {
                _ = Libc.WatchRemove(_queue, watch);
            }
        }
        else if (change.Is(WatchEvent.Created | WatchEvent.MovedTo))
        {
            // What moved in with its folder stood there before.
            Add(path);
            Enter(path, tell: change.Is(WatchEvent.Created));
        }
    }

    /// <summary>Watches the folders in a watched folder, and tells what is there.</summary>
    private void Enter(string folder, bool tell)
    {
        var next = new Stack<string>([folder]);
        while (next.TryPop(out var path) && _request.Recursive)
        {
            foreach (var (name, isFolder) in Content(Absolute(path)))
            {
                var inside = WatchedFolders.Join(path, name);
                if (tell && _told.Add(inside))
                {
                    Tell(AgentFileEventType.Create, inside);
                }

                if (isFolder && Add(inside))
                {
                    next.Push(inside);
                }
            }
        }
    }

    private bool Add(string path)
    {
        if (_folders.Count >= MostFolders)
        {
            return false;
        }

        var watch = Libc.WatchAdd(_queue, Absolute(path), Wanted | OnlyFolders | NoLinks);
        if (watch >= 0)
        {
            _folders.Add(watch, path);
        }

        return watch >= 0;
    }

    private static List<(string Name, bool IsFolder)> Content(string folder)
    {
        try
        {
            return [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Select(info => (info.Name, info is DirectoryInfo && info.LinkTarget is null))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Removed meanwhile; its own removal is told.
            return [];
        }
    }

    private void Tell(string type, string name)
    {
        var described = _request.Entries && type is (AgentFileEventType.Create or AgentFileEventType.Write or AgentFileEventType.Change);
        var entry = described ? FileEntry.TryDescribe(Absolute(name), follow: false, AccountNames.Now()) : null;
        _messages.Write(MessageFraming.Encode(new AgentFileEvent(type, name, entry is null ? null : entry with { Name = name }), AgentJson.Default.AgentFileEvent));
    }

    private string Absolute(string path) => path.Length == 0 ? _root : _root == "/" ? "/" + path : $"{_root}/{path}";
}
