using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Checkpoints;
using ToolRuntime.Sandbox.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Pools;

/// <summary>The files of a session without its memory: what there is when that cannot be restored, or is not wanted.</summary>
internal sealed class SandboxFiles(CheckpointPlace place, TimeProvider time)
{
    // A tar ends with two blocks of zeros; the agent that fails sends none.
    private const int EndLength = 1024;
    private const int BufferSize = 256 * 1024;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Archives what <paramref name="sandbox"/> has changed since it booted, while it goes on.</summary>
    /// <exception cref="FunctionFaultException">CheckpointRefused: it cannot, and lives on.</exception>
    public async Task<FilesArchive> ArchiveAsync(WarmSandbox sandbox, LeaseTerms terms, string folder, CancellationToken cancellationToken)
    {
        var half = place.HalfOf($"{sandbox.Sandbox.Id}-files");
        try
        {
            if (Directory.Exists(folder))
            {
                throw new IOException($"{folder} is there already");
            }

            CheckpointFolder.Create(half);
            var tar = Path.Combine(half, FilesArchive.TarFile);
            await using (var files = await sandbox.Agent.ArchiveFilesAsync(cancellationToken))
            {
                await CopyAsync(files, tar, MostBytes(terms.Limits), cancellationToken);
            }

            var (image, digest) = sandbox.Sandbox.Image;
            return await Task.Run(() => Publish(half, folder, image, digest), CancellationToken.None);
        }
        catch (Exception error)
        {
            Mounts.DeleteFolder(half);
            if (error is IOException or AgentException or InvalidDataException or UnauthorizedAccessException)
            {
                throw new FunctionFaultException(new FunctionFault(FaultCode.CheckpointRefused, $"the files of sandbox {sandbox.Sandbox.Id} cannot be kept: {error.Message}", null, sandbox.Sandbox.Log()), error);
            }

            throw;
        }
    }

    /// <summary>Puts what was archived into <paramref name="folder"/> into a fresh sandbox.</summary>
    /// <exception cref="FunctionFaultException">CheckpointRefused: the archive is none, damaged, or does not fit.</exception>
    public static async Task RestoreAsync(WarmSandbox sandbox, string folder, CancellationToken cancellationToken)
    {
        try
        {
            var archive = await Task.Run(() => Read(folder), cancellationToken);
            await using var tar = File.OpenRead(Path.Combine(folder, FilesArchive.TarFile));
            await sandbox.Agent.UnpackFilesAsync(tar, exact: archive.Digest == sandbox.Sandbox.Image.Digest, cancellationToken);
        }
        catch (Exception error) when (error is IOException or AgentException or InvalidDataException or JsonException or UnauthorizedAccessException)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.CheckpointRefused, $"the files in {Path.GetFileName(folder)} cannot be restored: {error.Message}"), error);
        }
    }

    // All that it can have changed is in its memory, so what is much larger is holes.
    private static long MostBytes(FunctionLimits limits) => ((long)limits.MemoryMiB << 21) + (64 << 20);

    private static async Task CopyAsync(Stream files, string path, long most, CancellationToken cancellationToken)
    {
        await using var tar = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, BufferSize = 0, UnixCreateMode = OwnersFile, Options = FileOptions.Asynchronous });
        var buffer = new byte[BufferSize];
        while (await files.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (tar.Position + read > most)
            {
                throw new InvalidDataException($"they are more than {most >> 20} MiB, holes included");
            }

            await tar.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        if (tar.Length < EndLength)
        {
            throw new InvalidDataException("the archive has no end");
        }

        tar.Position = tar.Length - EndLength;
        await tar.ReadExactlyAsync(buffer.AsMemory(0, EndLength), cancellationToken);
        if (buffer.AsSpan(0, EndLength).ContainsAnyExcept((byte)0))
        {
            throw new InvalidDataException("the archive has no end");
        }
    }

    private FilesArchive Publish(string half, string folder, string image, string digest)
    {
        var tar = Path.Combine(half, FilesArchive.TarFile);
        DiskSync.File(tar);
        var archive = new FilesArchive(FilesArchive.CurrentFormat, image, digest, time.GetUtcNow(), new CheckpointFile(FilesArchive.TarFile, new FileInfo(tar).Length, FileSum.Of(tar)));
        CheckpointFolder.Publish(half, folder, FilesArchive.MetadataFile, JsonSerializer.SerializeToUtf8Bytes(archive, CheckpointJson.Default.FilesArchive));
        return archive;
    }

    private static FilesArchive Read(string folder)
    {
        var archive = JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, FilesArchive.MetadataFile)), CheckpointJson.Default.FilesArchive)
            ?? throw new InvalidDataException($"{FilesArchive.MetadataFile} is empty");
        if (archive.Format != FilesArchive.CurrentFormat)
        {
            throw new InvalidDataException($"their format is {archive.Format}; this build reads {FilesArchive.CurrentFormat}");
        }

        var tar = Path.Combine(folder, FilesArchive.TarFile);
        return new FileInfo(tar).Length == archive.Tar.Length && FileSum.Of(tar) == archive.Tar.Sum
            ? archive
            : throw new InvalidDataException($"{FilesArchive.TarFile} is damaged");
    }
}
