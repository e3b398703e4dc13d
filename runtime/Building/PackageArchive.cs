using System.Formats.Tar;
using System.IO.Compression;

namespace ToolRuntime.Runtime.Building;

/// <summary>
/// Unpacks tars and wheels without running anything: plain files and folders below the root only. Links, devices and names that lead
/// elsewhere are refused by name.
/// </summary>
internal sealed class PackageArchive(string folder, UnpackBounds bounds)
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode ProgramMode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private long _bytes;
    private int _files;

    /// <summary>Unpacks a tar, compressed by gzip or not.</summary>
    public async Task UnpackTarAsync(Stream tar, CancellationToken cancellationToken)
    {
        await using var plain = await PlainAsync(tar, cancellationToken);
        await using var reader = new TarReader(plain, leaveOpen: true);
        while (await NextAsync(reader, cancellationToken) is { } entry)
        {
            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    MakeFolder(entry.Name);
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                    await WriteAsync(entry.Name, (entry.Mode & UnixFileMode.UserExecute) != UnixFileMode.None, entry.DataStream ?? Stream.Null, cancellationToken);
                    break;
                case TarEntryType.GlobalExtendedAttributes or TarEntryType.ExtendedAttributes:
                    break;
                default:
                    throw BuildFailure.Refused($"the package holds {entry.Name}, which is a {entry.EntryType}", "pack files and folders only");
            }
        }
    }

    /// <summary>Unpacks a wheel as an installer would: its files, and those of <c>*.data/purelib</c> and <c>*.data/platlib</c>, at the root.</summary>
    public async Task UnpackWheelAsync(string path, CancellationToken cancellationToken)
    {
        await using var wheel = await ZipFile.OpenReadAsync(path, cancellationToken);
        foreach (var entry in wheel.Entries)
        {
            if (entry.FullName.EndsWith('/') || WheelTarget(entry.FullName) is not { } target)
            {
                continue;
            }

            await using var content = await entry.OpenAsync(cancellationToken);
            await WriteAsync(target, isProgram: false, content, cancellationToken);
        }
    }

    /// <summary>Where a wheel's file goes, or null for what no import needs (scripts, headers, data).</summary>
    internal static string? WheelTarget(string name)
    {
        var segments = name.Split('/');
        if (segments.Length < 3 || !segments[0].EndsWith(".data", StringComparison.Ordinal))
        {
            return name;
        }

        return segments[1] is "purelib" or "platlib" ? string.Join('/', segments[2..]) : null;
    }

    private static async Task<Stream> PlainAsync(Stream tar, CancellationToken cancellationToken)
    {
        var start = new byte[2];
        var read = await tar.ReadAtLeastAsync(start, 2, throwOnEndOfStream: false, cancellationToken);
        tar.Position -= read;
        return read == 2 && start[0] == 0x1F && start[1] == 0x8B ? new GZipStream(tar, CompressionMode.Decompress, leaveOpen: true) : tar;
    }

    private static async Task<TarEntry?> NextAsync(TarReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.GetNextEntryAsync(copyData: false, cancellationToken);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw BuildFailure.Refused($"the package is not a tar: {error.Message}");
        }
    }

    private string Target(string name)
    {
        if (++_files > bounds.Files)
        {
            throw BuildFailure.Refused($"more than {bounds.Files} files");
        }

        var safe = SafePath.Normalize(name) ?? throw BuildFailure.Refused($"the name {name} leads outside the package");
        return Path.Combine(folder, safe);
    }

    private void MakeFolder(string name) => Directory.CreateDirectory(Target(name));

    private async Task WriteAsync(string name, bool isProgram, Stream content, CancellationToken cancellationToken)
    {
        var target = Target(name);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        await using var file = new FileStream(target, new FileStreamOptions
        {
            Mode = System.IO.FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = isProgram ? ProgramMode : FileMode,
        });
        var buffer = new byte[64 << 10];
        for (var read = await content.ReadAsync(buffer, cancellationToken); read > 0; read = await content.ReadAsync(buffer, cancellationToken))
        {
            _bytes += read;
            if (_bytes > bounds.Bytes)
            {
                throw BuildFailure.Refused($"more than {bounds.Bytes >> 20} MiB unpacked");
            }

            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }
}
