using System.Buffers;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus.Pipes;
using ToolRuntime.E2b.Client;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Envd;

/// <summary>Streams files into and out of sandboxes; nothing is held but one piece.</summary>
internal static class FileTransfer
{
    private const int PieceLength = 128 * 1024;

    /// <summary>Writes a file owned by the call's user, with the folders on the way.</summary>
    /// <exception cref="AgentException">It could not be written.</exception>
    public static async Task WriteAsync(SandboxClient client, EnvdCall call, string path, IReadOnlyDictionary<string, string>? attributes, Func<Stream, CancellationToken, Task> fill)
    {
        var request = new AgentRequest { Op = AgentOperation.FileWrite, Path = path, Parents = true, User = new AgentUser(call.User.Uid, call.User.Gid), Attributes = attributes };
        var (stream, _) = await client.OpenAsync(call.Sandbox, request, call.Token);
        await using var output = stream;
        try
        {
            await fill(output, call.Token);
            await ((IHalfClosable)output).CloseWriteAsync(call.Token);
        }
        catch (IOException)
        {
            // A full disk ends the stream before its input has ended; the agent's second reply says so.
            await AgentExchange.ReadReplyAsync(output, AgentOperation.FileWrite, call.Token);
            throw;
        }

        await AgentExchange.ReadReplyAsync(output, AgentOperation.FileWrite, call.Token);
    }

    /// <summary>Sends what a stream holds as the body of a response; an empty one has a length of 0.</summary>
    public static async Task CopyAsync(Stream content, HttpResponse response, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            while (await content.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                await response.Body.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            if (!response.HasStarted)
            {
                response.ContentLength = 0;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
