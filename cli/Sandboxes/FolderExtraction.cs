using System.Formats.Tar;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary>
/// Unpacks an archive that nobody vouches for: nothing is written outside of the folder, whatever names and links it holds. Links are made
/// when all else is written, so that nothing goes through them.
/// </summary>
internal static class FolderExtraction
{
    private const UnixFileMode Modes = (UnixFileMode)0b111_111_111;

    /// <summary>Reads the archive to its end.</summary>
    /// <exception cref="IOException">Something cannot be written.</exception>
    /// <exception cref="InvalidDataException">It is no archive.</exception>
    public static async Task RunAsync(Stream archive, string target, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(target);
        var root = Path.GetFullPath(target);
        var links = new List<(string Path, string To)>();
        await using var reader = new TarReader(archive, leaveOpen: true);
        while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
        {
            if (Inside(root, entry.Name) is not { } path)
            {
                continue;
            }

            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    Ready(root, path);
                    Directory.CreateDirectory(path);
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                    Ready(root, Path.GetDirectoryName(path)!);
                    await WriteAsync(entry, path, cancellationToken);
                    break;
                case TarEntryType.SymbolicLink:
                    links.Add((path, entry.LinkName));
                    break;
                case TarEntryType.HardLink when Inside(root, entry.LinkName) is { } other && File.Exists(other):
                    Ready(root, Path.GetDirectoryName(path)!);
                    File.Copy(other, path, overwrite: true);
                    break;
                default:
                    // Devices, sockets and pipes mean nothing outside of their sandbox.
                    break;
            }
        }

        // A tar pads its end; whoever writes it must be able to finish.
        await archive.CopyToAsync(Stream.Null, cancellationToken);
        foreach (var (path, to) in links)
        {
            Ready(root, Path.GetDirectoryName(path)!);
            if (Directory.Exists(path) && new FileInfo(path).LinkTarget is null)
            {
                throw new IOException($"'{path}' is a folder here, and the archive has a link of that name");
            }

            File.Delete(path);
            File.CreateSymbolicLink(path, to);
        }
    }

    private static async Task WriteAsync(TarEntry entry, string path, CancellationToken cancellationToken)
    {
        // What stands there may be a link that leads elsewhere.
        File.Delete(path);
        await using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = entry.Mode & Modes });
        if (entry.DataStream is { } data)
        {
            await data.CopyToAsync(file, cancellationToken);
        }
    }

    /// <summary>The absolute path of an entry, or null for the folder itself.</summary>
    private static string? Inside(string root, string name)
    {
        var path = Path.GetFullPath(Path.Combine(root, name.TrimStart('/')));
        var below = root.EndsWith('/') ? root : root + "/";
        return path == root || path == below ? null
            : path.StartsWith(below, StringComparison.Ordinal) ? path.TrimEnd('/')
            : throw new IOException($"the archive names '{name}', which lies outside");
    }

    /// <summary>Makes the folders down to a path; none of them may be a link.</summary>
    private static void Ready(string root, string folder)
    {
        for (var at = root.Length; at >= 0 && at < folder.Length;)
        {
            at = folder.IndexOf('/', at + 1);
            var part = at < 0 ? folder : folder[..at];
            if (new FileInfo(part).LinkTarget is not null)
            {
                throw new IOException($"'{part}' is a link here, and nothing is written through it");
            }

            Directory.CreateDirectory(part);
        }
    }
}
