using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Runtime.Volumes;

/// <summary>Answers one request for a volume's files as an agent answers it for a sandbox's (docs/PROTOCOL.md, section 1).</summary>
internal sealed class VolumeFiles(VolumeTree tree, Stream input, Stream output)
{
    private const int PieceLength = 128 * 1024;
    private static readonly AgentUser s_owner = new(1000, 1000);

    /// <summary>Reads the request and does what it says.</summary>
    /// <exception cref="IOException">The pipe ended.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await DispatchAsync(await AgentExchange.ReadRequestAsync(input, cancellationToken), cancellationToken);
        }
        catch (Exception error) when (error is VolumeException or InvalidDataException)
        {
            await AgentExchange.ReplyAsync(output, new AgentReply { Code = CodeOf(error), Message = error.Message }, cancellationToken);
        }
    }

    private async Task DispatchAsync(AgentRequest request, CancellationToken cancellationToken)
    {
        switch (request.Op)
        {
            case AgentOperation.FileRead:
                await ReadAsync(request, cancellationToken);
                return;
            case AgentOperation.FileWrite:
                await WriteAsync(request, cancellationToken);
                return;
            case AgentOperation.FileList:
                await ListAsync(request, cancellationToken);
                return;
            default:
                await AgentExchange.ReplyAsync(output, await Task.Run(() => Reply(request), cancellationToken), cancellationToken);
                return;
        }
    }

    private AgentReply Reply(AgentRequest request)
    {
        var path = PathOf(request);
        switch (request.Op)
        {
            case AgentOperation.FileStat:
                return Described(path);
            case AgentOperation.MakeFolder:
                tree.MakeFolder(path, request.User ?? s_owner, request.Mode, request.Recursive);
                return Described(path);
            case AgentOperation.FileOwner:
                tree.Change(path, request.User?.Uid, request.User?.Gid, request.Mode);
                return Described(path);
            case AgentOperation.FileRemove:
                tree.Remove(path);
                return AgentReply.Done;
            default:
                throw new InvalidDataException($"There is no operation '{request.Op}' on a volume.");
        }
    }

    private async Task ReadAsync(AgentRequest request, CancellationToken cancellationToken)
    {
        var path = PathOf(request);
        using var file = tree.OpenFile(path);
        await AgentExchange.ReplyAsync(output, new AgentReply { Ok = true, Size = RandomAccess.GetLength(file) }, cancellationToken);
        var buffer = new byte[PieceLength];
        var left = request.Length ?? long.MaxValue;
        for (var offset = request.Offset; left > 0;)
        {
            var read = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, (int)Math.Min(left, PieceLength)), offset, cancellationToken);
            if (read == 0)
            {
                return;
            }

            await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            (offset, left) = (offset + read, left - read);
        }
    }

    /// <summary>Replies when the file is open, and again when it stands whole under its name.</summary>
    private async Task WriteAsync(AgentRequest request, CancellationToken cancellationToken)
    {
        var path = PathOf(request);
        using (var upload = tree.Create(path, request.User ?? s_owner, request.Mode, request.Parents))
        {
            await AgentExchange.ReplyAsync(output, AgentReply.Done, cancellationToken);
            var buffer = new byte[PieceLength];
            for (long offset = 0; await input.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) is var read and > 0; offset += read)
            {
                try
                {
                    await RandomAccess.WriteAsync(upload.File, buffer.AsMemory(0, read), offset, cancellationToken);
                }
                catch (IOException)
                {
                    // A volume's disk fails a write for one reason.
                    throw new VolumeException($"write {path}", VolumeException.NoSpace);
                }
            }

            upload.Finish(replaces: true);
        }

        await AgentExchange.ReplyAsync(output, Described(path), cancellationToken);
    }

    private async Task ListAsync(AgentRequest request, CancellationToken cancellationToken)
    {
        const int Part = 1000;
        var path = PathOf(request);
        var entries = await Task.Run(() => tree.List(path, request.Depth ?? 1), cancellationToken);
        for (var sent = 0; sent == 0 || sent < entries.Count; sent += Part)
        {
            var part = entries.Skip(sent).Take(Part).ToList();
            await AgentExchange.ReplyAsync(output, new AgentReply { Ok = true, Entries = part, More = sent + Part < entries.Count }, cancellationToken);
        }
    }

    private AgentReply Described(string path)
    {
        var entry = tree.Describe(path);
        return new AgentReply { Ok = true, Entry = entry, Size = entry.Size };
    }

    private static string PathOf(AgentRequest request) => request.Path ?? throw new InvalidDataException("'path' is missing.");

    private static string CodeOf(Exception error) => (error as VolumeException)?.Error switch
    {
        VolumeException.NoEntry => AgentErrorCode.NotFound,
        VolumeException.Exists => AgentErrorCode.Exists,
        VolumeException.NotFolder => AgentErrorCode.NotFolder,
        VolumeException.IsFolder => AgentErrorCode.IsFolder,
        VolumeException.NoSpace => AgentErrorCode.NoSpace,
        VolumeException.Invalid or VolumeException.Outside or null => AgentErrorCode.BadRequest,
        _ => AgentErrorCode.Failed,
    };
}
