using System.Text.Json;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Volumes;

/// <summary><c>/volumes</c>: makes, lists, shows and removes volumes. Each is named by its id, or by its name.</summary>
public sealed class VolumeEndpoints(VolumeClient client, SandboxTokens tokens, E2bGuard guard)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder builder)
    {
        builder.MapPost("/volumes", guard.Of(CreateAsync));
        builder.MapGet("/volumes", guard.Of(ListAsync));
        builder.MapGet("/volumes/{id}", guard.Of(DetailAsync));
        builder.MapDelete("/volumes/{id}", guard.Of(RemoveAsync));
    }

    private async Task CreateAsync(HttpContext context, string tenant)
    {
        var body = await E2bReply.ReadAsync(context, VolumesJson.Default.VolumeBody);
        var name = body.Name ?? throw new FunctionFaultException(FaultCode.InvalidArguments, "name is missing");
        var volume = await client.CreateAsync(tenant, name, body.QuotaMiB, context.RequestAborted);
        await E2bReply.WriteAsync(context, StatusCodes.Status201Created, writer => Write(writer, volume, tokens.Volume(volume.Id), null));
    }

    private Task ListAsync(HttpContext context, string tenant) => E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer =>
    {
        writer.WriteStartArray();
        foreach (var volume in client.Directory.VolumesOf(tenant))
        {
            Write(writer, volume, null, null);
        }

        writer.WriteEndArray();
    });

    private async Task DetailAsync(HttpContext context, string tenant)
    {
        var volume = Get(context, tenant);
        var usage = context.Request.Query.ContainsKey("usage") ? await client.LookAsync(volume, context.RequestAborted) : null;
        await E2bReply.WriteAsync(context, StatusCodes.Status200OK, writer => Write(writer, volume, tokens.Volume(volume.Id), usage));
    }

    private async Task RemoveAsync(HttpContext context, string tenant)
    {
        await client.RemoveAsync(Get(context, tenant), context.RequestAborted);
        await E2bReply.NothingAsync(context);
    }

    private static void Write(Utf8JsonWriter writer, VolumeRecord volume, string? token, VolumeAnswer? usage)
    {
        writer.WriteStartObject();
        writer.WriteString("volumeID"u8, volume.Id);
        writer.WriteString("name"u8, volume.Name);
        writer.WriteNumber("quotaMiB"u8, volume.QuotaMiB);
        writer.WriteString("createdAt"u8, TimeText.Of(volume.CreatedAt));
        if (token is not null)
        {
            writer.WriteString("token"u8, token);
        }

        if (usage is not null)
        {
            writer.WriteNumber("usedBytes"u8, usage.UsedBytes);
            writer.WriteNumber("totalBytes"u8, usage.TotalBytes);
            writer.WriteStartArray("sandboxes"u8);
            foreach (var sandbox in usage.Sandboxes)
            {
                writer.WriteStringValue(sandbox);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private VolumeRecord Get(HttpContext context, string tenant) => client.Directory.GetVolume(tenant, (string?)context.Request.RouteValues["id"] ?? "");
}
