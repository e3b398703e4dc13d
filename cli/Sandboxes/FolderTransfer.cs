using System.Formats.Tar;
using System.IO.Pipelines;
using System.Text.Json.Nodes;

using ToolRuntime.Cli.Output;

namespace ToolRuntime.Cli.Sandboxes;

/// <summary>Folders into and out of a sandbox, as archives that are made and read while they are on their way.</summary>
internal static class FolderTransfer
{
    /// <summary>Copies a folder's content into a folder inside.</summary>
    public static async Task UploadAsync(SandboxLink link, string folder, string target, CancellationToken cancellationToken)
    {
        // A file inside and not the input of a tar there: that would pass each piece in a request of its own.
        var archive = $"/tmp/.toolrt-{Guid.NewGuid():n}.tar";
        try
        {
            await link.WriteAsync(archive, (body, token) => TarFile.CreateFromDirectoryAsync(folder, body, includeBaseDirectory: false, token), cancellationToken);
            await DoAsync(link, "mkdir -p -- \"$1\" && exec tar -x --no-same-owner -f \"$0\" -C \"$1\"", archive, target, Stream.Null, cancellationToken);
        }
        finally
        {
            await DoAsync(link, "rm -f -- \"$0\"", archive, target, Stream.Null, CancellationToken.None);
        }
    }

    /// <summary>Copies a folder's content out of a sandbox into a folder here.</summary>
    public static async Task DownloadAsync(SandboxLink link, string folder, string target, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(ending.Token);
        try
        {
            await FolderExtraction.RunAsync(pipe.Reader.AsStream(), target, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await ending.CancelAsync();
            await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw sending.Exception?.InnerException as CommandFailedException ?? new CommandFailedException(ExitCodes.MachineLacks, $"{target} cannot be written: {error.Message}");
        }

        await pipe.Reader.CompleteAsync();
        await sending;

        async Task SendAsync(CancellationToken token)
        {
            Exception? failed = null;
            try
            {
                await DoAsync(link, "exec tar -c -f - -C \"$0\" .", folder, "", pipe.Writer.AsStream(leaveOpen: true), token);
            }
            catch (Exception error)
            {
                // The reader must not wait for what will not come.
                failed = error;
                throw;
            }
            finally
            {
                await pipe.Writer.CompleteAsync(failed is null ? null : new IOException(failed.Message, failed));
            }
        }
    }

    private static async Task DoAsync(SandboxLink link, string script, string first, string second, Stream output, CancellationToken cancellationToken)
    {
        var start = new JsonObject
        {
            ["process"] = new JsonObject { ["cmd"] = "/bin/sh", ["args"] = new JsonArray("-c", script, first, second) },
            ["stdin"] = false,
        };
        await using var process = await SandboxProcess.StartAsync(link, start, cancellationToken);
        using var errors = new MemoryStream();
        if (await process.FollowAsync(output, errors, cancellationToken) != 0)
        {
            throw new CommandFailedException(ExitCodes.Refused, $"in sandbox {link.Id}: {System.Text.Encoding.UTF8.GetString(errors.ToArray()).Trim()}");
        }
    }
}
