using System.Globalization;
using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

using ToolRuntime.Bus.Pipes;
using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Envd;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Volumes;

/// <summary><c>/volumecontent</c>: the files of a volume, for who has its token; streamed both ways.</summary>
public sealed class VolumeContent(VolumeClient client, SandboxTokens tokens)
{
    private const int PieceLength = 128 * 1024;
    private const string Scheme = "Bearer ";

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder builder)
    {
        builder.MapGet("/volumecontent/{id}/dir", Of(ListAsync));
        builder.MapPost("/volumecontent/{id}/dir", Of(MakeFolderAsync));
        builder.MapGet("/volumecontent/{id}/path", Of(StatAsync));
        builder.MapPatch("/volumecontent/{id}/path", Of(ChangeAsync));
        builder.MapDelete("/volumecontent/{id}/path", Of(RemoveAsync));
        builder.MapGet("/volumecontent/{id}/file", Of(ReadAsync));
        builder.MapPut("/volumecontent/{id}/file", Of(WriteAsync));
    }

    private RequestDelegate Of(Func<HttpContext, VolumeRecord, Task> serve) => async context =>
    {
        var id = (string?)context.Request.RouteValues["id"] ?? "";
        var header = context.Request.Headers.Authorization.ToString();
        var token = header.StartsWith(Scheme, StringComparison.Ordinal) ? header[Scheme.Length..] : null;
        if (!SandboxTokens.Same(token, tokens.Volume(id)))
        {
            await E2bReply.ErrorAsync(context, StatusCodes.Status401Unauthorized, "the volume's token is needed: Authorization: Bearer TOKEN");
            return;
        }

        try
        {
            var volume = client.Directory.FindVolume(id) ?? throw new FunctionFaultException(FaultCode.SandboxNotFound, $"there is no volume {id}");
            await serve(context, volume);
        }
        catch (AgentException error) when (!context.Response.HasStarted)
        {
            await E2bReply.ErrorAsync(context, StatusOf(error), error.Message);
        }
        catch (FunctionFaultException error) when (!context.Response.HasStarted)
        {
            await E2bReply.ErrorAsync(context, error.Fault);
        }
        catch (IOException) when (context.Response.HasStarted)
        {
            // What has begun must not look as if it had ended.
            context.Abort();
        }
    };

    private async Task ListAsync(HttpContext context, VolumeRecord volume)
    {
        var depth = Number(context, "depth") ?? 1;
        var reply = await client.AskAsync(volume, new AgentRequest { Op = AgentOperation.FileList, Path = Path(context), Depth = Math.Max(1, depth) }, context.RequestAborted);
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray();
            foreach (var entry in reply.Entries ?? [])
            {
                Write(writer, entry);
            }

            writer.WriteEndArray();
        });
    }

    private Task MakeFolderAsync(HttpContext context, VolumeRecord volume) => DescribeAsync(
        context, volume, new AgentRequest { Op = AgentOperation.MakeFolder, Path = Path(context), User = Owner(context), Mode = Number(context, "mode"), Recursive = Flag(context, "force") }, StatusCodes.Status201Created);

    private Task StatAsync(HttpContext context, VolumeRecord volume) =>
        DescribeAsync(context, volume, new AgentRequest { Op = AgentOperation.FileStat, Path = Path(context) }, StatusCodes.Status200OK);

    private async Task ChangeAsync(HttpContext context, VolumeRecord volume)
    {
        var body = await E2bReply.ReadAsync(context, VolumesJson.Default.VolumeBody);
        var user = body.Uid is null && body.Gid is null ? null : new AgentUser(body.Uid ?? -1, body.Gid ?? -1);
        await DescribeAsync(context, volume, new AgentRequest { Op = AgentOperation.FileOwner, Path = Path(context), User = user, Mode = body.Mode }, StatusCodes.Status200OK);
    }

    private async Task RemoveAsync(HttpContext context, VolumeRecord volume)
    {
        await client.AskAsync(volume, new AgentRequest { Op = AgentOperation.FileRemove, Path = Path(context) }, context.RequestAborted);
        await E2bReply.NothingAsync(context);
    }

    private async Task ReadAsync(HttpContext context, VolumeRecord volume)
    {
        Unbound(context);
        var (stream, reply) = await client.OpenAsync(volume, new AgentRequest { Op = AgentOperation.FileRead, Path = Path(context) }, context.RequestAborted);
        await using var content = stream;
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = reply.Size;

        // One that grows meanwhile ends where it ended when it was opened.
        var buffer = new byte[PieceLength];
        for (var left = reply.Size; left > 0;)
        {
            var read = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), context.RequestAborted);
            if (read == 0)
            {
                context.Abort();
                return;
            }

            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            left -= read;
        }
    }

    private async Task WriteAsync(HttpContext context, VolumeRecord volume)
    {
        Unbound(context);
        var path = Path(context);
        var request = new AgentRequest { Op = AgentOperation.FileWrite, Path = path, User = Owner(context), Mode = Number(context, "mode"), Parents = true };
        if (Flag(context, "force") is false && context.Request.Query.ContainsKey("force") && await StandsAsync(context, volume, path))
        {
            await E2bReply.ErrorAsync(context, StatusCodes.Status409Conflict, $"{path} stands already (force overwrites it)");
            return;
        }

        var (stream, _) = await client.OpenAsync(volume, request, context.RequestAborted);
        await using var output = stream;
        try
        {
            await context.Request.Body.CopyToAsync(output, PieceLength, context.RequestAborted);
            await ((IHalfClosable)output).CloseWriteAsync(context.RequestAborted);
        }
        catch (IOException)
        {
            // A full volume ends the stream before its input has ended; the second reply says so.
            await AgentExchange.ReadReplyAsync(output, request.Op, context.RequestAborted);
            throw;
        }

        var written = await AgentExchange.ReadReplyAsync(output, request.Op, context.RequestAborted);
        await E2bReply.WriteAsync(context, StatusCodes.Status201Created, writer => Write(writer, written.Entry!));
    }

    private async Task<bool> StandsAsync(HttpContext context, VolumeRecord volume, string path)
    {
        try
        {
            await client.AskAsync(volume, new AgentRequest { Op = AgentOperation.FileStat, Path = path }, context.RequestAborted);
            return true;
        }
        catch (AgentException error) when (error.Code == AgentErrorCode.NotFound)
        {
            return false;
        }
    }

    private async Task DescribeAsync(HttpContext context, VolumeRecord volume, AgentRequest request, int status)
    {
        var reply = await client.AskAsync(volume, request, context.RequestAborted);
        await E2bReply.WriteAsync(context, status, writer => Write(writer, reply.Entry!));
    }

    private static void Write(Utf8JsonWriter writer, AgentFile entry)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, EntryInfo.NameOf(entry.Path));
        writer.WriteString("path"u8, entry.Path);
        writer.WriteString("type"u8, entry.Type switch { "file" => "file", "folder" => "directory", "link" => "symlink", _ => "unknown" });
        writer.WriteNumber("size"u8, entry.Size);
        writer.WriteNumber("mode"u8, entry.Mode);
        writer.WriteNumber("uid"u8, entry.Uid);
        writer.WriteNumber("gid"u8, entry.Gid);
        writer.WriteString("atime"u8, Time(entry.AccessedMs ?? entry.ModifiedMs));
        writer.WriteString("mtime"u8, Time(entry.ModifiedMs));
        writer.WriteString("ctime"u8, Time(entry.ChangedMs ?? entry.ModifiedMs));
        if (entry.Target is { } target)
        {
            writer.WriteString("target"u8, target);
        }

        writer.WriteEndObject();
    }

    private static string Time(long milliseconds) => TimeText.Of(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));

    private static string Path(HttpContext context) => context.Request.Query["path"] is { Count: > 0 } path
        ? path.ToString()
        : throw new FunctionFaultException(FaultCode.InvalidArguments, "the query member 'path' is missing");

    private static AgentUser? Owner(HttpContext context) =>
        Number(context, "uid") is { } uid ? new AgentUser(uid, Number(context, "gid") ?? uid) : Number(context, "gid") is { } gid ? new AgentUser(1000, gid) : null;

    private static int? Number(HttpContext context, string name) => context.Request.Query[name] is { Count: > 0 } text
        ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new FunctionFaultException(FaultCode.InvalidArguments, $"{name}: '{text}' is no number")
        : null;

    private static bool Flag(HttpContext context, string name) => string.Equals(context.Request.Query[name].ToString(), "true", StringComparison.OrdinalIgnoreCase);

    private static int StatusOf(AgentException error) => error.Code switch
    {
        AgentErrorCode.NotFound => StatusCodes.Status404NotFound,
        AgentErrorCode.Exists => StatusCodes.Status409Conflict,
        AgentErrorCode.NoSpace => StatusCodes.Status507InsufficientStorage,
        AgentErrorCode.BadRequest or AgentErrorCode.IsFolder or AgentErrorCode.NotFolder => StatusCodes.Status400BadRequest,
        _ => StatusCodes.Status500InternalServerError,
    };

    // Files are as large and as slow as their owners like.
    private static void Unbound(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } request)
        {
            request.MinDataRate = null;
        }

        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } response)
        {
            response.MinDataRate = null;
        }
    }
}
