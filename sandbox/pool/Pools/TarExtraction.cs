using System.Formats.Tar;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>
/// Extracts a layer's tar as root on the host, from whoever made it: nothing may be written, linked or pointed to outside
/// of the folder, nothing but folders, files and links comes to be, and no file gets another owner or a set-user-id bit.
/// </summary>
internal static class TarExtraction
{
    private const int MaximumEntries = 500_000;
    private const UnixFileMode PlainMode = (UnixFileMode)0b110_100_100;
    private const UnixFileMode ProgramMode = (UnixFileMode)0b111_101_101;
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Extracts <paramref name="tar"/> into the new folder <paramref name="folder"/>.</summary>
    /// <exception cref="InvalidDataException">It is no tar, or an entry is not safe; the message names the entry.</exception>
    public static void Extract(Stream tar, string folder)
    {
        Directory.CreateDirectory(folder, ProgramMode);
        using var reader = new TarReader(tar, leaveOpen: true);
        try
        {
            var entries = 0;
            while (reader.GetNextEntry() is { } entry)
            {
                if (++entries > MaximumEntries)
                {
                    throw new InvalidDataException($"more than {MaximumEntries} entries");
                }

                ExtractEntry(entry, folder);
            }
        }
        catch (Exception error) when (error is FormatException or EndOfStreamException or ArgumentException)
        {
            throw new InvalidDataException($"not a readable tar: {error.Message}", error);
        }
    }

    /// <summary>
    /// The parts of the path <paramref name="name"/> as seen from the folder at <paramref name="under"/> parts below the
    /// root, or null when it is absolute or leaves the root.
    /// </summary>
    internal static IReadOnlyList<string>? Resolve(IReadOnlyList<string> under, string name)
    {
        if (name.StartsWith('/') || name.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        var parts = new List<string>(under);
        foreach (var part in name.Split('/'))
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count == 0)
            {
                return null;
            }
            else
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        return parts;
    }

    private static void ExtractEntry(TarEntry entry, string root)
    {
        if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
        {
            return;
        }

        // ".." is refused outright in names: resolving it would have to know which part is a link.
        var parts = entry.Name.Split('/').Contains("..") ? null : Resolve([], entry.Name);
        if (parts is null)
        {
            throw Unsafe(entry, "its path leaves the layer");
        }

        if (parts.Count == 0)
        {
            return;
        }

        var path = PrepareParent(entry, root, parts);
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                MakeFolder(entry, path);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                WriteFile(entry, path);
                break;
            case TarEntryType.SymbolicLink:
                MakeSymbolicLink(entry, parts, path);
                break;
            case TarEntryType.HardLink:
                CopyLinked(entry, root, path);
                break;
            default:
                throw Unsafe(entry, $"entries of type {entry.EntryType} are not allowed");
        }
    }

    private static string PrepareParent(TarEntry entry, string root, IReadOnlyList<string> parts)
    {
        var path = root;
        for (var i = 0; i < parts.Count - 1; i++)
        {
            path = Path.Combine(path, parts[i]);
            var info = new DirectoryInfo(path);
            if (info.LinkTarget is not null)
            {
                throw Unsafe(entry, "its path goes through a link");
            }

            if (File.Exists(path))
            {
                throw Unsafe(entry, "its path goes through a file");
            }

            if (!info.Exists)
            {
                Directory.CreateDirectory(path, ProgramMode);
            }
        }

        return Path.Combine(path, parts[^1]);
    }

    private static void MakeFolder(TarEntry entry, string path)
    {
        if (new FileInfo(path).LinkTarget is not null || File.Exists(path))
        {
            throw Unsafe(entry, "a folder takes the place of another entry");
        }

        Directory.CreateDirectory(path, ProgramMode);
    }

    private static void WriteFile(TarEntry entry, string path)
    {
        RemoveEarlier(entry, path);
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = (entry.Mode & AnyExecute) != 0 ? ProgramMode : PlainMode,
        });
        entry.DataStream?.CopyTo(file);
    }

    private static void MakeSymbolicLink(TarEntry entry, IReadOnlyList<string> parts, string path)
    {
        if (Resolve([.. parts.SkipLast(1)], entry.LinkName) is null)
        {
            throw Unsafe(entry, "it links outside of the layer");
        }

        RemoveEarlier(entry, path);
        File.CreateSymbolicLink(path, entry.LinkName);
    }

    // A copy: a link would make two names of one file on the host, for no gain in a folder that nobody writes.
    private static void CopyLinked(TarEntry entry, string root, string path)
    {
        if (entry.LinkName.Split('/').Contains("..") || Resolve([], entry.LinkName) is not { Count: > 0 } target)
        {
            throw Unsafe(entry, "it links outside of the layer");
        }

        var source = root;
        foreach (var part in target)
        {
            source = Path.Combine(source, part);
            if (new FileInfo(source).LinkTarget is not null)
            {
                throw Unsafe(entry, "it links through a link");
            }
        }

        if (!File.Exists(source))
        {
            throw Unsafe(entry, "it links to a file that is not there");
        }

        RemoveEarlier(entry, path);
        File.Copy(source, path);
    }

    // The last entry of a name wins, and must not be written through an earlier link.
    private static void RemoveEarlier(TarEntry entry, string path)
    {
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
        {
            throw Unsafe(entry, "a file takes the place of a folder");
        }

        File.Delete(path);
    }

    private static InvalidDataException Unsafe(TarEntry entry, string reason) =>
        new($"'{entry.Name}' is refused: {reason}");
}
