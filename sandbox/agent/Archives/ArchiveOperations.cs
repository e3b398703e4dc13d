using System.Formats.Tar;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Files;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Archives;

/// <summary>All files that a session changed, as one tar.</summary>
internal static class ArchiveOperations
{
    private const int NoFollow = 0x20000;

    /// <summary>When this agent, and so its sandbox, began.</summary>
    private static readonly long s_began = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Notes the time; called before anything can change a file.</summary>
    internal static void Begin() => _ = s_began;

    /// <summary>Replies, then sends the tar. One that lacks its end was not finished.</summary>
    internal static void Archive(AgentStream stream)
    {
        stream.Reply(AgentReply.Done);
        try
        {
            using var output = new ArchiveStream(stream);
            using (var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true))
            {
                var links = new Dictionary<ulong, string>();
                foreach (var (path, status, names) in new ChangedFiles(s_began).All())
                {
                    Add(tar, path, status, names, links);
                }
            }

            output.Flush();
            stream.Finish();
        }
        catch (Exception)
        {
            // The rim of the archive: whatever name or link the user's code made, it ends this stream and not the agent. The reply is gone
            // already, so the stream itself must say it.
            stream.Reset();
        }
    }

    /// <summary>Replies, takes the tar, and replies again when all of it is in its place.</summary>
    internal static void Unpack(AgentStream stream, StreamInput input, AgentRequest request)
    {
        stream.Reply(AgentReply.Done);
        var unpacking = new Unpacking(request.Exact);
        using (var tar = new TarReader(new ArchiveInput(stream, input)))
        {
            while (tar.GetNextEntry() is { } entry)
            {
                unpacking.Take(entry);
            }
        }

        unpacking.Finish();
        stream.Reply(new AgentReply { Ok = true, Size = unpacking.Count });
        stream.Finish();
    }

    private static void Add(TarWriter tar, string path, in FileStatus status, IReadOnlyList<string>? names, Dictionary<ulong, string> links)
    {
        var first = status.Links > 1 && names is null && !links.TryAdd(status.Inode, path) ? links[status.Inode] : null;
        if (TypeOf(status, first) is not { } type)
        {
            return;
        }

        var file = -1;
        if (type == TarEntryType.RegularFile && (file = Libc.Open(path, Descriptors.CloseOnExec | Descriptors.NonBlocking | NoFollow, 0)) < 0)
        {
            // Removed meanwhile.
            return;
        }

        var records = new List<KeyValuePair<string, string>>(type is TarEntryType.RegularFile or TarEntryType.Directory ? ArchiveRecords.AttributesOf(path) : []);
        if (names is not null && ArchiveRecords.NamesOf(names) is { } known)
        {
            records.Add(new(ArchiveRecords.Names, known));
        }

        var entry = new PaxTarEntry(type, path[1..] is { Length: > 0 } name ? name : ".", records)
        {
            Mode = (UnixFileMode)(status.Mode & 0xFFF),
            Uid = (int)status.User,
            Gid = (int)status.Group,
            ModificationTime = DateTimeOffset.UnixEpoch.AddTicks((status.ModifiedSeconds * TimeSpan.TicksPerSecond) + (status.ModifiedNanoseconds / 100)),
        };
        if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
        {
            entry.LinkName = first is null ? FileEntry.ReadLink(path) ?? "" : first[1..];
        }

        using var content = file < 0 ? null : new ArchivedFile(file, status.Size);
        if (content is not null)
        {
            entry.DataStream = content;
        }

        tar.WriteEntry(entry);
    }

    /// <summary>Null for what means nothing in another sandbox: sockets and devices.</summary>
    private static TarEntryType? TypeOf(in FileStatus status, string? first) => (status.Mode & 0xF000) switch
    {
        0x8000 => first is null ? TarEntryType.RegularFile : TarEntryType.HardLink,
        0x4000 => TarEntryType.Directory,
        0xA000 => TarEntryType.SymbolicLink,
        0x1000 => TarEntryType.Fifo,
        _ => null,
    };
}
