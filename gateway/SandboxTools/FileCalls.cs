using System.Text;

using ToolRuntime.Bus.Pipes;
using ToolRuntime.E2b.Client;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Gateway.SandboxTools;

/// <summary>Tools for the files of a sandbox.</summary>
public sealed class FileCalls(SandboxSessions sessions)
{
    private const int UsualLength = 256 * 1024;
    private static readonly AgentUser s_user = new(1000, 1000);
    private static readonly SandboxUser s_home = new(SandboxUsers.Default, 1000, 1000, "/home/user");
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary><c>sandbox_read_file</c>.</summary>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(ApiInvocation call, CancellationToken cancellationToken) => DoAsync(call, async (sandbox, arguments) =>
    {
        var path = Path(arguments);
        var (offset, length) = ((long)(arguments.Number("offset") ?? 0), (int)(arguments.Number("length") ?? UsualLength));
        var size = (await sessions.Client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.FileStat, Path = path, Follow = true }, cancellationToken)).Entry!.Size;
        var type = TypeOf(path);
        var (stream, _) = await sessions.Client.OpenAsync(sandbox, new AgentRequest { Op = AgentOperation.FileRead, Path = path, Offset = offset, Length = type is null ? length : Math.Max(length, 8 << 20) }, cancellationToken);
        await using var content = stream;
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancellationToken);
        return Content(path, type, bytes.GetBuffer().AsMemory(0, (int)bytes.Length), (offset, size));
    }, cancellationToken);

    /// <summary><c>sandbox_write_file</c>.</summary>
    public ValueTask<ReadOnlyMemory<byte>> WriteAsync(ApiInvocation call, CancellationToken cancellationToken) => DoAsync(call, async (sandbox, arguments) =>
    {
        var path = Path(arguments);
        var content = Bytes(arguments);
        var (stream, _) = await sessions.Client.OpenAsync(sandbox, new AgentRequest { Op = AgentOperation.FileWrite, Path = path, Parents = true, User = s_user, Append = arguments.Flag("append") }, cancellationToken);
        await using var output = stream;
        await output.WriteAsync(content, cancellationToken);
        await ((IHalfClosable)output).CloseWriteAsync(cancellationToken);
        var size = (await AgentExchange.ReadReplyAsync(output, AgentOperation.FileWrite, cancellationToken)).Size;
        return ToolAnswer.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("path"u8, path);
            writer.WriteNumber("size"u8, size);
            writer.WriteEndObject();
        });
    }, cancellationToken);

    /// <summary><c>sandbox_list_files</c>.</summary>
    public ValueTask<ReadOnlyMemory<byte>> ListAsync(ApiInvocation call, CancellationToken cancellationToken) => DoAsync(call, async (sandbox, arguments) =>
    {
        var request = new AgentRequest { Op = AgentOperation.FileList, Path = Path(arguments), Depth = (int)(arguments.Number("depth") ?? 1) };
        var reply = await sessions.Client.AskAsync(sandbox, request, cancellationToken);
        return ToolAnswer.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("files"u8);
            foreach (var entry in reply.Entries ?? [])
            {
                writer.WriteStartObject();
                writer.WriteString("path"u8, entry.Path);
                writer.WriteString("type"u8, entry.Type);
                writer.WriteNumber("size"u8, entry.Size);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteBoolean("truncated"u8, reply.Truncated);
            writer.WriteEndObject();
        });
    }, cancellationToken);

    /// <summary><c>sandbox_remove_file</c>.</summary>
    public ValueTask<ReadOnlyMemory<byte>> RemoveAsync(ApiInvocation call, CancellationToken cancellationToken) => DoAsync(call, async (sandbox, arguments) =>
    {
        var path = Path(arguments);
        await sessions.Client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.FileStat, Path = path }, cancellationToken);
        await sessions.Client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.FileRemove, Path = path, Recursive = true }, cancellationToken);
        return ToolAnswer.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("removed"u8, path);
            writer.WriteEndObject();
        });
    }, cancellationToken);

    private async ValueTask<ReadOnlyMemory<byte>> DoAsync(ApiInvocation call, Func<SandboxRecord, SandboxArguments, Task<ReadOnlyMemory<byte>>> work, CancellationToken cancellationToken)
    {
        using var arguments = new SandboxArguments(call);
        var sandbox = await sessions.AwakeAsync(arguments, cancellationToken);
        try
        {
            return await work(sandbox, arguments);
        }
        catch (AgentException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.InvalidArguments, error.Message), error);
        }
    }

    private static string Path(SandboxArguments arguments) => s_home.Resolve(arguments.Text("path") ?? "");

    private static byte[] Bytes(SandboxArguments arguments)
    {
        var content = arguments.Text("content")!;
        if (arguments.Text("encoding") != "base64")
        {
            return Encoding.UTF8.GetBytes(content);
        }

        try
        {
            return Convert.FromBase64String(content);
        }
        catch (FormatException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.InvalidArguments, "/content: it is no base64"), error);
        }
    }

    private static ReadOnlyMemory<byte> Content(string path, string? type, ReadOnlyMemory<byte> bytes, (long Offset, long Size) place)
    {
        var text = type is null ? TextOf(bytes.Span) : null;
        var next = place.Offset + bytes.Length;
        return ToolAnswer.Write(
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("path"u8, path);
                writer.WriteNumber("size"u8, place.Size);
                writer.WriteNumber("offset"u8, place.Offset);
                writer.WriteNumber("length"u8, bytes.Length);
                writer.WriteEndObject();
            },
            writer =>
            {
                if (text is not null)
                {
                    ToolAnswer.Text(writer, text);
                }
                else
                {
                    ToolAnswer.Binary(writer, type ?? "application/octet-stream", Convert.ToBase64String(bytes.Span), $"file://{path}");
                }

                if (next < place.Size)
                {
                    ToolAnswer.Text(writer, $"(go on with offset {next} of {place.Size})");
                }
            });
    }

    private static string? TextOf(ReadOnlySpan<byte> bytes)
    {
        // A piece may end within a character, of at most three bytes more.
        for (var cut = 0; cut <= Math.Min(3, bytes.Length); cut++)
        {
            try
            {
                var text = s_strict.GetString(bytes[..^cut]);
                return text.Contains('\0', StringComparison.Ordinal) ? null : text;
            }
            catch (DecoderFallbackException) when (cut < 3)
            {
                continue;
            }
            catch (DecoderFallbackException)
            {
                return null;
            }
        }

        return null;
    }

    private static string? TypeOf(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".png" => "image/png",
        ".jpg" or ".jpeg" => "image/jpeg",
        ".gif" => "image/gif",
        ".webp" => "image/webp",
        ".pdf" => "application/pdf",
        _ => null,
    };
}
