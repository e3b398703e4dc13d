using System.Formats.Tar;
using System.Security.Cryptography;

using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building;

/// <summary>Makes a folder into a layer: a tar that depends on names, modes and contents only, so the same files are the same layer.</summary>
internal sealed class LayerWriter(ObjectStore objects, UnpackBounds bounds)
{
    /// <summary>Kind of the objects that hold layers.</summary>
    public const string ObjectKind = "layer";

    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode ProgramMode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Packs <paramref name="folder"/> by way of the file <paramref name="scratch"/> and stores it.</summary>
    public async Task<LayerReference> StoreAsync(string tenant, LayerKind kind, string folder, string scratch, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(scratch, System.IO.FileMode.Create, FileAccess.ReadWrite);
        await PackAsync(folder, file, cancellationToken);
        file.Position = 0;
        var digest = await objects.PutAsync(tenant, ObjectKind, file, cancellationToken);
        return new LayerReference(kind, digest, file.Length);
    }

    /// <summary>Writes the tar.</summary>
    internal async Task PackAsync(string folder, Stream destination, CancellationToken cancellationToken)
    {
        await using var tar = new TarWriter(destination, TarEntryFormat.Pax, leaveOpen: true);
        long bytes = 0;
        var files = 0;
        foreach (var path in Entries(folder))
        {
            var name = Path.GetRelativePath(folder, path);
            var info = new FileInfo(path);
            if (info.LinkTarget is not null)
            {
                throw BuildFailure.Refused($"{name} is a link to {info.LinkTarget}", "a layer holds files and folders only");
            }

            bytes += Directory.Exists(path) ? 0 : info.Length;
            if (bytes > bounds.Bytes || ++files > bounds.Files)
            {
                throw BuildFailure.Refused($"a layer of more than {bounds.Bytes >> 20} MiB or {bounds.Files} files");
            }

            await WriteAsync(tar, path, name, cancellationToken);
        }
    }

    private static IEnumerable<string> Entries(string folder) => Directory
        .EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, ReturnSpecialDirectories = false })
        .Order(StringComparer.Ordinal);

    private static async Task WriteAsync(TarWriter tar, string path, string name, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, name + "/") { Mode = ProgramMode, ModificationTime = DateTimeOffset.UnixEpoch }, cancellationToken);
            return;
        }

        var isProgram = (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != UnixFileMode.None;
        await using var content = File.OpenRead(path);
        await tar.WriteEntryAsync(
            new PaxTarEntry(TarEntryType.RegularFile, name) { Mode = isProgram ? ProgramMode : FileMode, ModificationTime = DateTimeOffset.UnixEpoch, DataStream = content },
            cancellationToken);
    }

    /// <summary>The digest that the store would give.</summary>
    internal static async Task<string> DigestAsync(Stream tar, CancellationToken cancellationToken) =>
        Convert.ToHexStringLower(await SHA256.HashDataAsync(tar, cancellationToken));
}
