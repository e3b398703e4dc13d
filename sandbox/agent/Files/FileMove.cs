using System.Runtime.InteropServices;

using ToolRuntime.Sandbox.Agent.Native;

namespace ToolRuntime.Sandbox.Agent.Files;

/// <summary>
/// Renames, also from one file system to another, which a sandbox has several of (its root, /tmp, the user's home): there it copies beside
/// the destination, puts the copy in place and removes the original.
/// </summary>
internal static unsafe class FileMove
{
    private const int LinkItself = 0x100;
    private const int WriteNew = 0x40 | 0x80 | 1;
    private const int BufferSize = 64 * 1024;

    internal static void Run(string from, string to)
    {
        if (Libc.Rename(from, to) == 0)
        {
            return;
        }

        if (NativeError.Last != NativeError.CrossDevice)
        {
            throw new NativeException($"rename {from} to {to}", NativeError.Last);
        }

        var copy = $"{to}.{Guid.NewGuid():N}";
        try
        {
            Copy(from, copy);
            NativeError.Check(Libc.Rename(copy, to), $"rename {from} to {to}");
        }
        catch
        {
            Remove(copy);
            throw;
        }

        Remove(from);
    }

    internal static void Remove(string path)
    {
        if (!FileEntry.TryStatus(path, follow: false, out var status))
        {
            return;
        }

        if (FileEntry.TypeOf(status) == "folder")
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            NativeError.Check(Libc.Unlink(path), $"remove {path}");
        }
    }

    private static void Copy(string from, string to)
    {
        // Folders last of all: what is made in them would change their times.
        var folders = new Stack<(string From, string To)>();
        var next = new Stack<(string From, string To)>([(from, to)]);
        while (next.TryPop(out var pair))
        {
            switch (Make(pair.From, pair.To))
            {
                case "folder":
                    folders.Push(pair);
                    foreach (var inside in Directory.EnumerateFileSystemEntries(pair.From))
                    {
                        next.Push((inside, $"{pair.To}/{Path.GetFileName(inside)}"));
                    }

                    break;
                default:
                    Dress(pair.From, pair.To);
                    break;
            }
        }

        while (folders.TryPop(out var pair))
        {
            Dress(pair.From, pair.To);
        }
    }

    private static string Make(string from, string to)
    {
        if (!FileEntry.TryStatus(from, follow: false, out var status))
        {
            throw new NativeException($"stat {from}", NativeError.Last);
        }

        var type = FileEntry.TypeOf(status);
        switch (type)
        {
            case "folder":
                NativeError.Check(Libc.MakeFolder(to, 0b111_000_000), $"mkdir {to}");
                break;
            case "link":
                NativeError.Check(Libc.MakeLink(FileEntry.ReadLink(from) ?? "", to), $"symlink {to}");
                break;
            case "file":
                CopyContent(from, to);
                break;
            default:
                throw new NativeException($"{from} is a device, a pipe or a socket, which cannot be moved to another file system", NativeError.CrossDevice);
        }

        return type;
    }

    private static void CopyContent(string from, string to)
    {
        var source = NativeError.Check(Libc.Open(from, Descriptors.CloseOnExec, 0), $"open {from}");
        var target = -1;
        var buffer = (byte*)NativeMemory.Alloc(BufferSize);
        try
        {
            target = NativeError.Check(Libc.Open(to, WriteNew | Descriptors.CloseOnExec, 0b110_000_000), $"open {to}");
            while (Descriptors.Read(source, buffer, BufferSize) is var read and > 0)
            {
                _ = Descriptors.Write(target, buffer, read);
            }
        }
        finally
        {
            NativeMemory.Free(buffer);
            Descriptors.Close(ref source);
            Descriptors.Close(ref target);
        }
    }

    /// <summary>Owner, mode, attributes and times of the original.</summary>
    private static void Dress(string from, string to)
    {
        if (!FileEntry.TryStatus(from, follow: false, out var status))
        {
            return;
        }

        _ = Libc.ChangeLinkOwner(to, (int)status.User, (int)status.Group);
        if (FileEntry.TypeOf(status) != "link")
        {
            NativeError.Check(Libc.ChangePathMode(to, status.Mode & 0xFFF), $"chmod {to}");
            if (ExtendedAttributes.Read(from) is { } attributes)
            {
                ExtendedAttributes.Replace(to, attributes);
            }
        }

        var times = stackalloc long[4] { status.ModifiedSeconds, status.ModifiedNanoseconds, status.ModifiedSeconds, status.ModifiedNanoseconds };
        _ = Libc.SetTimes(FileEntry.Here, to, times, LinkItself);
    }
}
