using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Checkpoints;

/// <summary>The folder of one checkpoint. It gets its name only when it is complete and on disk, so what has a name counts; all in it is its owner's alone, for it holds whatever the sandbox held in memory.</summary>
public static class CheckpointFolder
{
    /// <summary>The name of what describes the rest.</summary>
    public const string MetadataFile = "checkpoint.json";

    /// <summary>The packed root file system, a link.</summary>
    internal const string RootFile = "root.erofs";

    /// <summary>The tools, where they are bound into the sandbox; links.</summary>
    internal const string ToolsFolder = "tools";

    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const long LongestMetadata = 1024 * 1024;

    // What gVisor writes without compression.
    private static readonly string[] _memory = ["checkpoint.img", "pages.img", "pages_meta.img"];

    /// <summary>Reads what the checkpoint in <paramref name="folder"/> says of itself; its files are there and as long as they were.</summary>
    /// <exception cref="FunctionFaultException">CheckpointRefused: there is none, or it is not whole.</exception>
    public static SandboxCheckpoint Read(string folder)
    {
        try
        {
            var file = new FileInfo(Path.Combine(folder, MetadataFile));
            if (file.Length > LongestMetadata)
            {
                throw new InvalidDataException($"{MetadataFile} is too long");
            }

            var checkpoint = JsonSerializer.Deserialize(File.ReadAllBytes(file.FullName), CheckpointJson.Default.SandboxCheckpoint)
                ?? throw new InvalidDataException($"{MetadataFile} is empty");
            Check(folder, checkpoint);
            return checkpoint;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            var reason = error is JsonException ? $"{MetadataFile} cannot be read: {error.Message}" : error.Message;
            throw CheckpointRules.Refused(folder, reason, error);
        }
    }

    /// <summary>
    /// Makes <paramref name="to"/> a copy of the folder <paramref name="from"/>, with all that it holds. Nothing in it is ever written again, so
    /// on one file system the copy shares its content and costs nothing.
    /// </summary>
    /// <exception cref="IOException">It cannot be read, or there is no room.</exception>
    public static void Copy(string from, string to) => KeptRoots.KeepFolder(from, to);

    /// <summary>Makes the folder that a checkpoint is made in.</summary>
    internal static void Create(string folder)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!, OwnersFolder);
        Directory.CreateDirectory(folder, OwnersFolder);
    }

    /// <summary>The files of memory in <paramref name="folder"/>, made their owner's alone and written through to the disk, with their sums.</summary>
    internal static IReadOnlyList<CheckpointFile> Seal(string folder)
    {
        List<CheckpointFile> files = [];
        foreach (var name in _memory.Where(name => File.Exists(Path.Combine(folder, name))))
        {
            var path = Path.Combine(folder, name);
            File.SetUnixFileMode(path, OwnersFile);
            DiskSync.File(path);
            files.Add(new CheckpointFile(name, new FileInfo(path).Length, FileSum.Of(path)));
        }

        return files;
    }

    /// <summary>Writes the metadata and gives the checkpoint its name.</summary>
    /// <exception cref="IOException">The name is taken, or the disk is full.</exception>
    internal static void Publish(string work, string folder, SandboxCheckpoint checkpoint) =>
        Publish(work, folder, MetadataFile, JsonSerializer.SerializeToUtf8Bytes(checkpoint, CheckpointJson.Default.SandboxCheckpoint));

    /// <summary>Writes the file <paramref name="name"/>, which describes the rest, and gives the folder its name.</summary>
    /// <exception cref="IOException">The name is taken, or the disk is full.</exception>
    internal static void Publish(string work, string folder, string name, byte[] metadata)
    {
        var path = Path.Combine(work, name);
        using (var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnersFile }))
        {
            file.Write(metadata);
            file.Flush(flushToDisk: true);
        }

        DiskSync.Folder(work);
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!, OwnersFolder);
        Directory.Move(work, folder);
        DiskSync.Folder(Path.GetDirectoryName(folder)!);
    }

    /// <summary>Compares every file with its sum.</summary>
    /// <exception cref="FunctionFaultException">CheckpointRefused: one has changed.</exception>
    internal static void Verify(string folder, SandboxCheckpoint checkpoint)
    {
        foreach (var file in checkpoint.Files)
        {
            uint sum;
            try
            {
                sum = FileSum.Of(Path.Combine(folder, file.Name));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw CheckpointRules.Refused(folder, error.Message, error);
            }

            if (sum != file.Sum)
            {
                throw CheckpointRules.Refused(folder, $"{file.Name} is damaged");
            }
        }
    }

    private static void Check(string folder, SandboxCheckpoint checkpoint)
    {
        if (checkpoint.Format != SandboxCheckpoint.CurrentFormat)
        {
            throw new InvalidDataException($"its format is {checkpoint.Format}; this build reads {SandboxCheckpoint.CurrentFormat}");
        }

        if (checkpoint.Files.Count == 0 || checkpoint.Files.Any(file => !_memory.Contains(file.Name)))
        {
            throw new InvalidDataException($"{MetadataFile} names no files of memory, or unknown ones");
        }

        foreach (var file in checkpoint.Files)
        {
            var found = new FileInfo(Path.Combine(folder, file.Name));
            if (!found.Exists || found.Length != file.Length)
            {
                throw new InvalidDataException(found.Exists ? $"{file.Name} has {found.Length} bytes, not {file.Length}" : $"{file.Name} is missing");
            }
        }
    }
}
