using System.Formats.Tar;

using ToolRuntime.Sandbox.Agent.Files;
using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Archives;

/// <summary>Puts what an archive holds into its place, whatever stood there.</summary>
/// <param name="exact">Whether what its folders do not name is taken away.</param>
internal sealed unsafe class Unpacking(bool exact)
{
    private const int CreateNew = 0xC0;
    private const int WriteOnly = 1;
    private const int NoFollow = 0x100;
    private const int Buffer = 64 * 1024;
    private readonly byte[] _buffer = new byte[Buffer];

    /// <summary>Folders whose time is set when nothing more is put into them.</summary>
    private readonly Stack<(string Path, DateTimeOffset Modified)> _folders = new();

    /// <summary>How many were put into place.</summary>
    public long Count { get; private set; }

    /// <summary>Puts one into its place.</summary>
    /// <exception cref="NativeException">It cannot be written.</exception>
    public void Take(TarEntry entry)
    {
        var path = PathOf(entry.Name);
        var records = (entry as PaxTarEntry)?.ExtendedAttributes ?? new Dictionary<string, string>(StringComparer.Ordinal);
        Count++;
        if (entry.EntryType == TarEntryType.Directory)
        {
            TakeFolder(path, records);
            _folders.Push((path, entry.ModificationTime));
        }
        else
        {
            FileMove.Remove(path);
            Make(path, entry);
        }

        // A further name too: gVisor's overlay keeps owners by name.
        _ = Libc.ChangeLinkOwner(path, entry.Uid, entry.Gid);
        if (entry.EntryType != TarEntryType.SymbolicLink)
        {
            // After the owner, whose change takes the bits away that give rights.
            _ = Libc.ChangePathMode(path, (int)entry.Mode);
            ArchiveRecords.SetAttributes(path, records);
        }

        SetTime(path, entry.ModificationTime);
    }

    /// <summary>Sets what had to wait.</summary>
    public void Finish()
    {
        while (_folders.TryPop(out var folder))
        {
            SetTime(folder.Path, folder.Modified);
        }
    }

    private void TakeFolder(string path, IReadOnlyDictionary<string, string> records)
    {
        if (!FileEntry.TryStatus(path, follow: false, out var status) || FileEntry.TypeOf(status) != "folder")
        {
            FileMove.Remove(path);
            NativeError.Check(Libc.MakeFolder(path, 0x1ED), $"mkdir {path}");
        }
        else if (exact && records.TryGetValue(ArchiveRecords.Names, out var names))
        {
            RemoveOthers(path, [.. names.Split('/')]);
        }
    }

    // What is mounted is none of the session's.
    private static void RemoveOthers(string path, HashSet<string> names)
    {
        _ = FileEntry.TryStatus(path, follow: false, out var own);
        foreach (var other in Directory.EnumerateFileSystemEntries(path).Where(other => !names.Contains(Path.GetFileName(other))).ToList())
        {
            if (FileEntry.TryStatus(other, follow: false, out var status)
                && (FileEntry.TypeOf(status) != "folder" || (status.DeviceMajor, status.DeviceMinor) == (own.DeviceMajor, own.DeviceMinor)))
            {
                FileMove.Remove(other);
            }
        }
    }

    private void Make(string path, TarEntry entry)
    {
        switch (entry.EntryType)
        {
            case TarEntryType.SymbolicLink:
                NativeError.Check(Libc.MakeLink(entry.LinkName, path), $"symlink {path}");
                break;
            case TarEntryType.HardLink:
                NativeError.Check(Libc.MakeHardLink(PathOf(entry.LinkName), path), $"link {path}");
                break;
            case TarEntryType.Fifo:
                NativeError.Check(Libc.MakeFifo(path, (int)entry.Mode), $"mkfifo {path}");
                break;
            default:
                Write(path, entry.DataStream);
                break;
        }
    }

    private void Write(string path, Stream? content)
    {
        var file = NativeError.Check(Libc.Open(path, WriteOnly | CreateNew | Descriptors.CloseOnExec, 0x180), $"open {path}");
        try
        {
            while (content?.Read(_buffer) is { } read and > 0)
            {
                fixed (byte* start = _buffer)
                {
                    _ = Descriptors.Write(file, start, read);
                }
            }
        }
        finally
        {
            Descriptors.Close(ref file);
        }
    }

    private static void SetTime(string path, DateTimeOffset modified)
    {
        var ticks = (modified - DateTimeOffset.UnixEpoch).Ticks;
        var times = stackalloc long[4];
        times[0] = times[2] = ticks / TimeSpan.TicksPerSecond;
        times[1] = times[3] = ticks % TimeSpan.TicksPerSecond * 100;
        _ = Libc.SetTimes(FileEntry.Here, path, times, NoFollow);
    }

    private static string PathOf(string name)
    {
        var trimmed = name.TrimEnd('/');
        return trimmed is "." or ""
            ? "/"
            : trimmed.Split('/').Contains("..") ? throw new InvalidDataException($"'{name}' leads elsewhere.") : "/" + trimmed;
    }
}
