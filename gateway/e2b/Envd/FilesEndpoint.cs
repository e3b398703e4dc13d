using System.Globalization;
using System.IO.Compression;

using Microsoft.AspNetCore.Http;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Envd;

/// <summary><c>/files</c> of envd: one file out, or files in, streamed; and <c>/files/compose</c>.</summary>
public sealed class FilesEndpoint(SandboxClient client, SandboxUsers users, SandboxTokens tokens, TimeProvider time)
{
    private const int PieceLength = 128 * 1024;

    /// <summary>Serves <c>GET</c> and <c>POST /files</c>.</summary>
    public async Task ServeAsync(HttpContext context, SandboxRecord sandbox)
    {
        if (Refusal(context.Request, sandbox) is { } refusal)
        {
            await E2bReply.ErrorAsync(context, StatusCodes.Status401Unauthorized, refusal);
            return;
        }

        var name = context.Request.Query["username"] is { Count: > 0 } asked ? asked.ToString() : EnvdEndpoint.UserName(context.Request);
        if (await users.FindAsync(sandbox, name, context.RequestAborted) is not { } user)
        {
            await E2bReply.ErrorAsync(context, StatusCodes.Status401Unauthorized, $"there is no user '{name}'");
            return;
        }

        var call = new EnvdCall(context, sandbox, user);
        try
        {
            switch (context.Request.Method)
            {
                case "GET" or "HEAD":
                    await ReadAsync(call);
                    return;
                case "POST" or "PUT":
                    await WriteAsync(call);
                    return;
                default:
                    await E2bReply.ErrorAsync(context, StatusCodes.Status405MethodNotAllowed, "GET and POST are served");
                    return;
            }
        }
        catch (AgentException error) when (!context.Response.HasStarted)
        {
            await E2bReply.ErrorAsync(context, StatusOf(error), error.Message);
        }
        catch (InvalidDataException error) when (!context.Response.HasStarted && context.Request.Method is "POST" or "PUT")
        {
            await E2bReply.ErrorAsync(context, StatusCodes.Status400BadRequest, error.Message);
        }
    }

    /// <summary>Serves <c>POST /files/compose</c>: joins files into one, in order.</summary>
    public async Task ComposeAsync(HttpContext context, SandboxRecord sandbox)
    {
        var body = await E2bReply.ReadAsync(context, EnvdJson.Default.ComposeBody);
        if (await users.FindAsync(sandbox, body.Username, context.RequestAborted) is not { } user || body.SourcePaths is not { Count: > 0 } sources || body.Destination is not { } destination)
        {
            await E2bReply.ErrorAsync(context, StatusCodes.Status400BadRequest, "source_paths and destination are needed, and a user that the sandbox has");
            return;
        }

        var call = new EnvdCall(context, sandbox, user);
        try
        {
            var target = user.Resolve(destination);
            await FileTransfer.WriteAsync(client, call, target, null, async (output, token) =>
            {
                foreach (var source in sources)
                {
                    var (input, _) = await client.OpenAsync(sandbox, new AgentRequest { Op = AgentOperation.FileRead, Path = user.Resolve(source) }, token);
                    await using (input)
                    {
                        await input.CopyToAsync(output, PieceLength, token);
                    }
                }
            });
            await WrittenAsync(context, [target], single: true);
        }
        catch (AgentException error)
        {
            await E2bReply.ErrorAsync(context, StatusOf(error), error.Message);
        }
    }

    /// <summary>Whether a URL carries a signature made with <paramref name="token"/>, in time or not.</summary>
    internal static bool IsSigned(HttpRequest request, string token)
    {
        var query = request.Query;
        long? expires = query["signature_expiration"] is { Count: > 0 } at && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;
        var isWrite = request.Method is "POST" or "PUT";
        return query["signature"] is { Count: > 0 } signature
            && SandboxTokens.Same(signature, SandboxTokens.Sign(query["path"].ToString(), isWrite, query["username"].ToString(), token, expires));
    }

    private string? Refusal(HttpRequest request, SandboxRecord sandbox)
    {
        var token = tokens.Envd(sandbox.Id);
        if (!sandbox.Settings.IsSecure || SandboxTokens.Same(request.Headers["X-Access-Token"], token))
        {
            return null;
        }

        if (!request.Query.ContainsKey("signature"))
        {
            return "missing signature query parameter";
        }

        if (!IsSigned(request, token))
        {
            return "invalid signature";
        }

        return long.TryParse(request.Query["signature_expiration"], NumberStyles.None, CultureInfo.InvariantCulture, out var until) && until < time.GetUtcNow().ToUnixTimeSeconds()
            ? "signature is already expired"
            : null;
    }

    private async Task ReadAsync(EnvdCall call)
    {
        var context = call.Context;
        var path = call.User.Resolve(context.Request.Query["path"].ToString());
        var entry = (await client.AskAsync(call.Sandbox, new AgentRequest { Op = AgentOperation.FileStat, Path = path, Follow = true }, call.Token)).Entry!;
        if (entry.Type != "file")
        {
            await E2bReply.ErrorAsync(context, StatusCodes.Status400BadRequest, $"'{path}' is {(entry.Type == "folder" ? "a directory" : "no regular file")}");
            return;
        }

        var range = FileRange.Of(context.Request, entry.Size);
        if (range is { IsSatisfiable: false })
        {
            context.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{entry.Size}");
            await E2bReply.ErrorAsync(context, StatusCodes.Status416RangeNotSatisfiable, "the range lies outside of the file");
            return;
        }

        var response = context.Response;
        response.ContentType = "application/octet-stream";
        response.Headers.Vary = "Accept-Encoding";
        response.Headers.AcceptRanges = "bytes";
        response.Headers.ContentDisposition = $"inline; filename*=UTF-8''{Uri.EscapeDataString(EntryInfo.NameOf(path))}";
        response.Headers.LastModified = DateTimeOffset.FromUnixTimeMilliseconds(entry.ModifiedMs).ToString("R", CultureInfo.InvariantCulture);
        if (range is { } part)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {part.First}-{part.First + part.Length - 1}/{entry.Size}");
        }

        // Files of /proc have no size and yet a content: only what is read says where they end.
        if (entry.Size > 0 || range is not null)
        {
            response.ContentLength = range?.Length ?? entry.Size;
        }

        if (context.Request.Method == "HEAD")
        {
            return;
        }

        var request = new AgentRequest { Op = AgentOperation.FileRead, Path = path, Offset = range?.First ?? 0, Length = range?.Length ?? (entry.Size > 0 ? entry.Size : null) };
        var (stream, _) = await client.OpenAsync(call.Sandbox, request, call.Token);
        await using var content = stream;
        await FileTransfer.CopyAsync(content, response, call.Token);
    }

    private async Task WriteAsync(EnvdCall call)
    {
        var request = call.Context.Request;
        var attributes = request.Headers
            .Where(h => h.Key.StartsWith("X-Metadata-", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(h => h.Key["X-Metadata-".Length..].ToLowerInvariant(), h => h.Value.ToString(), StringComparer.Ordinal);
        if (UploadAttributes.Refuse(attributes) is { } refusal)
        {
            await E2bReply.ErrorAsync(call.Context, StatusCodes.Status400BadRequest, refusal);
            return;
        }

        var body = request.Headers.ContentEncoding.ToString() switch
        {
            "" or "identity" => request.Body,
            "gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
            _ => null,
        };
        if (body is null)
        {
            await E2bReply.ErrorAsync(call.Context, StatusCodes.Status415UnsupportedMediaType, $"Content-Encoding '{request.Headers.ContentEncoding}' is not taken: gzip or none");
            return;
        }

        var path = request.Query["path"].ToString();
        var written = new List<string>();
        if (MultipartFiles.Boundary(request.ContentType) is { } boundary)
        {
            await foreach (var (name, content) in MultipartFiles.ReadAsync(body, boundary, call.Token))
            {
                if (path.Length == 0 && name.Length == 0)
                {
                    await E2bReply.ErrorAsync(call.Context, StatusCodes.Status400BadRequest, "path is missing, and the part has no file name");
                    return;
                }

                var target = call.User.Resolve(path.Length > 0 ? path : name);
                await FileTransfer.WriteAsync(client, call, target, attributes, (output, token) => content.CopyToAsync(output, PieceLength, token));
                written.Add(target);
            }
        }
        else if (path.Length == 0)
        {
            await E2bReply.ErrorAsync(call.Context, StatusCodes.Status400BadRequest, "path is missing");
            return;
        }
        else
        {
            var target = call.User.Resolve(path);
            await FileTransfer.WriteAsync(client, call, target, attributes, (output, token) => body.CopyToAsync(output, PieceLength, token));
            written.Add(target);
        }

        await WrittenAsync(call.Context, written, single: false, attributes);
    }

    private static Task WrittenAsync(HttpContext context, List<string> paths, bool single, Dictionary<string, string>? attributes = null) => E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
    {
        if (!single)
        {
            writer.WriteStartArray();
        }

        foreach (var path in paths)
        {
            writer.WriteStartObject();
            writer.WriteString("path"u8, path);
            writer.WriteString("name"u8, EntryInfo.NameOf(path));
            writer.WriteString("type"u8, "file");
            if (attributes is { Count: > 0 })
            {
                writer.WriteStartObject("metadata"u8);
                foreach (var (key, value) in attributes)
                {
                    writer.WriteString(key, value);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        if (!single)
        {
            writer.WriteEndArray();
        }
    });

    private static int StatusOf(AgentException error) => error.Code switch
    {
        AgentErrorCode.NotFound => StatusCodes.Status404NotFound,
        AgentErrorCode.NoSpace => StatusCodes.Status507InsufficientStorage,
        AgentErrorCode.IsFolder or AgentErrorCode.NotFolder or AgentErrorCode.BadRequest or AgentErrorCode.Exists => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status500InternalServerError,
    };
}
