using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Admin;

/// <summary>What is deployed.</summary>
public sealed class FunctionsEndpoint(MessageBus bus, ToolCatalog catalog, Deployments deployments)
{
    /// <summary>Serves <c>GET /admin/functions</c>.</summary>
    public async Task ListAsync(HttpContext context)
    {
        using var buffer = new ReplyBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("functions"u8);
            foreach (var version in catalog.Of(AdminRequest.Tenant(context)).Functions.Values)
            {
                writer.WriteStartObject();
                WriteVersion(writer, version);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    }

    /// <summary>Serves <c>GET /admin/functions/{name}</c>.</summary>
    public async Task GetAsync(HttpContext context)
    {
        var tenant = AdminRequest.Tenant(context);
        var record = await deployments.RecordAsync(tenant, AdminRequest.Name(context), context.RequestAborted);
        var version = await bus.Catalog.GetVersionAsync(tenant, record.Active[0].Digest, context.RequestAborted)
            ?? throw new FunctionFaultException(FaultCode.Internal, $"version {record.Active[0].Digest} is not stored");
        using var buffer = new ReplyBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            WriteVersion(writer, version);
            writer.WriteString("updatedAt"u8, record.UpdatedAt);
            writer.WriteStartArray("history"u8);
            foreach (var digest in record.History)
            {
                writer.WriteStringValue(digest);
            }

            writer.WriteEndArray();
            writer.WritePropertyName("manifest"u8);
            JsonSerializer.Serialize(writer, version.Manifest, FunctionsJson.Default.FunctionManifest);
            writer.WriteEndObject();
        }

        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    }

    /// <summary>Serves <c>DELETE /admin/functions/{name}</c>.</summary>
    public async Task RemoveAsync(HttpContext context)
    {
        await deployments.RemoveAsync(AdminRequest.Tenant(context), AdminRequest.Name(context), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Serves <c>POST /admin/functions/{name}/rollback</c>.</summary>
    public async Task RollbackAsync(HttpContext context)
    {
        var name = AdminRequest.Name(context);
        var digest = await deployments.RollbackAsync(AdminRequest.Tenant(context), name, AdminRequest.Query(context, "to"), context.RequestAborted);
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"name\":"u8).Text(name).Raw(",\"version\":"u8).Text(digest).Raw("}"u8);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    }

    private static void WriteVersion(Utf8JsonWriter writer, FunctionVersion version)
    {
        writer.WriteString("name"u8, version.Manifest.Name);
        writer.WriteString("version"u8, version.Digest);
        writer.WriteString("language"u8, version.Manifest.Language.ToString());
        writer.WriteString("createdAt"u8, version.CreatedAt);
        writer.WriteStartArray("tools"u8);
        foreach (var tool in version.Tools)
        {
            writer.WriteStringValue(tool.Name);
        }

        writer.WriteEndArray();
    }
}
