using System.Runtime.InteropServices;

using Microsoft.Win32.SafeHandles;

using ToolRuntime.Sandbox.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Volumes;

/// <summary>
/// The host's way into a volume, whose content is a sandbox's and may change at any moment. Every path is resolved by the kernel beneath the
/// volume's root (<c>openat2</c>, <c>RESOLVE_BENEATH</c>), so that neither a link nor <c>..</c> leads out of it, and what was opened is used by
/// its descriptor. Only regular files are read and written; a FIFO or a device is refused.
/// </summary>
public sealed class VolumeTree : IDisposable
{
    /// <summary>Deepest that folders are walked.</summary>
    public const int DeepestWalk = 128;

    private const long OpenAt2 = 437;
    private const ulong NoOtherFileSystem = 1;
    private const ulong NoMagicLinks = 2;
    private const ulong Beneath = 8;
    private const int Again = 11;
    private const int Attempts = 16;
    private const int PathOnly = 0x200000;
    private const int FolderOnly = 0x10000;
    private const int NoFollow = 0x20000;
    private const int WriteOnly = 1;
    private const int CreateNew = 0x40 | 0x80;
    private const int RemoveFolder = 0x200;
    private const int OfLink = 0x100;
    private const uint NoReplace = 1;
    private const uint DefaultFile = 0b110_100_100;
    private const uint DefaultFolder = 0b111_101_101;
    private readonly SafeFileHandle _root;

    /// <summary>The tree below <paramref name="folder"/>.</summary>
    /// <exception cref="VolumeException">There is no such folder.</exception>
    public VolumeTree(string folder) =>
        _root = Handle(Libc.Open(folder, PathOnly | FolderOnly | Libc.OpenCloseOnExec, 0), "open the volume");

    /// <summary>Describes what lies at a path; a link itself.</summary>
    /// <exception cref="VolumeException">There is nothing, or it lies outside.</exception>
    public AgentFile Describe(string path)
    {
        if (Parts(path).Count == 0)
        {
            return VolumeEntry.Describe(_root, "", "", path);
        }

        using var parent = OpenParent(path, out var name);
        return VolumeEntry.Describe(parent, name, name, path);
    }

    /// <summary>A regular file's content, from its beginning.</summary>
    /// <exception cref="VolumeException">There is none, it is none, or it lies outside.</exception>
    public SafeFileHandle OpenFile(string path)
    {
        var file = Open(path, Libc.OpenNonBlocking);
        try
        {
            return VolumeEntry.TypeOf(file, path) switch
            {
                VolumeEntry.File => file,
                VolumeEntry.Folder => throw new VolumeException($"read {path}", VolumeException.IsFolder),
                _ => throw new VolumeException($"read {path}, which is no regular file", VolumeException.Invalid),
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Begins a file that takes its name, in place of whatever has it, once it is whole.</summary>
    /// <exception cref="VolumeException">It cannot be made there.</exception>
    public VolumeUpload Create(string path, AgentUser owner, int? mode, bool parents)
    {
        var folder = OpenParent(path, out var name, parents ? owner : null);
        var part = $".{Guid.NewGuid():n}.part";
        try
        {
            var how = new Libc.OpenHow { Flags = WriteOnly | CreateNew | NoFollow | Libc.OpenCloseOnExec, Mode = DefaultFile, Resolve = Beneath | NoMagicLinks };
            var file = Handle(OpenBeneath(folder, part, how), $"write {path}");
            var upload = new VolumeUpload(folder, file, part, name, path);
            upload.Own(owner, (uint)(mode ?? (int)DefaultFile));
            return upload;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Makes a folder; with those on the way where <paramref name="parents"/> says so, and then one that stands is none too many.</summary>
    /// <exception cref="VolumeException">It cannot be made.</exception>
    public void MakeFolder(string path, AgentUser owner, int? mode, bool parents)
    {
        using var parent = OpenParent(path, out var name, parents ? owner : null);
        if (!TryMake(parent, name, owner, mode) && !(parents && Describe(path).Type == VolumeEntry.Folder))
        {
            throw new VolumeException($"make {path}", VolumeException.Exists);
        }
    }

    /// <summary>Removes what lies at a path, a folder with what it holds.</summary>
    /// <exception cref="VolumeException">There is nothing, or it cannot be removed.</exception>
    public void Remove(string path)
    {
        using var parent = OpenParent(path, out var name);
        Remove(parent, name, path, DeepestWalk);
    }

    /// <summary>Removes all that the volume holds.</summary>
    /// <exception cref="VolumeException">Something cannot be removed.</exception>
    public void Clear()
    {
        foreach (var name in Names(_root))
        {
            Remove(_root, name, name, DeepestWalk);
        }
    }

    /// <summary>Gives what lies at a path another owner or mode; null leaves it.</summary>
    /// <exception cref="VolumeException">There is nothing, or a link.</exception>
    public void Change(string path, int? user, int? group, int? mode)
    {
        using var parent = OpenParent(path, out var name);
        Check(Libc.ChangeOwnerAt(Number(parent), name, (uint)(user ?? -1), (uint)(group ?? -1), OfLink), $"change the owner of {path}");
        if (mode is { } bits)
        {
            using var entry = Open(path, Libc.OpenNonBlocking | NoFollow);
            Check(Libc.ChangeMode(Number(entry), (uint)bits & 0xFFF), $"change the mode of {path}");
        }
    }

    /// <summary>What a folder holds, to a depth: 1 is what it holds itself. At most <see cref="AgentLists.MostEntries"/>.</summary>
    /// <exception cref="VolumeException">There is none, or it is none.</exception>
    public IReadOnlyList<AgentFile> List(string path, int depth)
    {
        var entries = new List<AgentFile>();
        using var folder = Open(path, FolderOnly);
        List(folder, "", "/" + string.Join('/', Parts(path)), Math.Clamp(depth, 1, DeepestWalk), entries);
        return entries;
    }

    /// <summary>Bytes of the files that it holds, as far as folders are walked.</summary>
    public long Used() => Used(_root, DeepestWalk);

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    internal static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    internal static void Check(int result, string doing)
    {
        if (result < 0)
        {
            throw new VolumeException(doing, Marshal.GetLastPInvokeError());
        }
    }

    internal static void Rename(SafeFileHandle folder, string name, string to, bool replaces, string doing) =>
        Check(Libc.RenameAt(Number(folder), name, Number(folder), to, replaces ? 0 : NoReplace), doing);

    internal static void Unlink(SafeFileHandle folder, string name) => _ = Libc.UnlinkAt(Number(folder), name, 0);

    private static List<string> Parts(string path) => path.Contains('\0', StringComparison.Ordinal)
        ? throw new VolumeException("read a path with a zero in it", VolumeException.Invalid)
        : [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".")];

    private static int OpenBeneath(SafeFileHandle folder, string path, in Libc.OpenHow how)
    {
        // A rename while the path was resolved makes the kernel unsure, and it says so.
        for (var attempt = 1; ; attempt++)
        {
            var opened = Libc.OpenBeneath(OpenAt2, Number(folder), path, in how, (nuint)Marshal.SizeOf<Libc.OpenHow>());
            if (opened >= 0 || attempt == Attempts || Marshal.GetLastPInvokeError() != Again)
            {
                return opened;
            }
        }
    }

    private static SafeFileHandle Handle(int descriptor, string doing)
    {
        Check(descriptor, doing);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static SafeFileHandle OpenIn(SafeFileHandle folder, string path, int flags, string doing) => Handle(
        OpenBeneath(folder, path, new Libc.OpenHow { Flags = (ulong)(flags | Libc.OpenCloseOnExec), Resolve = Beneath | NoMagicLinks | NoOtherFileSystem }), doing);

    private static IEnumerable<string> Names(SafeFileHandle folder)
    {
        // By its descriptor: this name of it leads to it, whatever its path leads to by now.
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.None };
        return Directory.EnumerateFileSystemEntries($"/proc/self/fd/{Number(folder)}/.", "*", options).Select(entry => Path.GetFileName(entry)!);
    }

    private static bool TryMake(SafeFileHandle parent, string name, AgentUser owner, int? mode)
    {
        if (Libc.MakeFolderAt(Number(parent), name, DefaultFolder) < 0)
        {
            return Marshal.GetLastPInvokeError() is var error && error == VolumeException.Exists ? false : throw new VolumeException($"make {name}", error);
        }

        using var made = OpenIn(parent, name, FolderOnly | NoFollow, $"make {name}");
        Check(Libc.ChangeOwnerAt(Number(made), ".", (uint)owner.Uid, (uint)owner.Gid, 0), $"make {name}");
        if (mode is { } bits)
        {
            Check(Libc.ChangeMode(Number(made), (uint)bits & 0xFFF), $"make {name}");
        }

        return true;
    }

    private static void Remove(SafeFileHandle parent, string name, string path, int depth)
    {
        if (Libc.UnlinkAt(Number(parent), name, 0) == 0)
        {
            return;
        }

        if (Marshal.GetLastPInvokeError() is var error && error != VolumeException.IsFolder)
        {
            throw new VolumeException($"remove {path}", error);
        }

        if (depth == 0)
        {
            throw new VolumeException($"remove {path}, which is too deep; remove it from a sandbox", VolumeException.Invalid);
        }

        using (var folder = OpenIn(parent, name, FolderOnly | NoFollow, $"remove {path}"))
        {
            foreach (var inner in Names(folder).ToList())
            {
                Remove(folder, inner, $"{path}/{inner}", depth - 1);
            }
        }

        Check(Libc.UnlinkAt(Number(parent), name, RemoveFolder), $"remove {path}");
    }

    private static void List(SafeFileHandle folder, string below, string root, int depth, List<AgentFile> entries)
    {
        foreach (var name in Names(folder).Order(StringComparer.Ordinal))
        {
            if (entries.Count == AgentLists.MostEntries)
            {
                return;
            }

            if (TryDescribe(folder, name, below + name, $"{root.TrimEnd('/')}/{below}{name}") is not { } entry)
            {
                continue;
            }

            entries.Add(entry);
            if (entry.Type == VolumeEntry.Folder && depth > 1)
            {
                using var inner = OpenIn(folder, name, FolderOnly | NoFollow, $"list {name}");
                List(inner, $"{below}{name}/", root, depth - 1, entries);
            }
        }
    }

    private static long Used(SafeFileHandle folder, int depth)
    {
        long used = 0;
        foreach (var name in Names(folder))
        {
            if (TryDescribe(folder, name, name, name) is not { } entry)
            {
                continue;
            }

            used += entry.Size;
            if (entry.Type == VolumeEntry.Folder && depth > 0)
            {
                using var inner = OpenIn(folder, name, FolderOnly | NoFollow, $"look at {name}");
                used += Used(inner, depth - 1);
            }
        }

        return used;
    }

    private static AgentFile? TryDescribe(SafeFileHandle folder, string name, string shown, string path)
    {
        try
        {
            return VolumeEntry.Describe(folder, name, shown, path);
        }
        catch (VolumeException error) when (error.Error == VolumeException.NoEntry)
        {
            // Removed meanwhile.
            return null;
        }
    }

    private SafeFileHandle Open(string path, int flags) => OpenIn(_root, Parts(path) is { Count: > 0 } parts ? string.Join('/', parts) : ".", flags, $"open {path}");

    private SafeFileHandle OpenParent(string path, out string name, AgentUser? maker = null)
    {
        var parts = Parts(path);
        if (parts.Count == 0 || parts[^1] == "..")
        {
            throw new VolumeException($"change {path}", VolumeException.Invalid);
        }

        name = parts[^1];
        if (maker is not null)
        {
            MakeParents(parts, maker);
        }

        return Open(string.Join('/', parts[..^1]), PathOnly | FolderOnly);
    }

    private void MakeParents(List<string> parts, AgentUser owner)
    {
        for (var count = 1; count < parts.Count; count++)
        {
            using var parent = Open(string.Join('/', parts[..(count - 1)]), PathOnly | FolderOnly);
            TryMake(parent, parts[count - 1], owner, mode: null);
        }
    }
}
