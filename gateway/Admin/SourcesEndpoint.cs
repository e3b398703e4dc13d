using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Federation.Sources;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Admin;

/// <summary><c>/admin/sources</c>: MCP servers, those somewhere else and those in sandboxes.</summary>
public sealed class SourcesEndpoint(ToolCatalog catalog, Deployments deployments, SourceRegistrar registrar, RemoteWatches watches, SourceHealth health)
{
    private const int MaximumBodyBytes = 256 * 1024;

    /// <summary>Its operations.</summary>
    public AdminRoutes Routes => new(
    [
        new("GET", "/admin/sources", "listSources", "All MCP servers, and whether they answer.", ListAsync) { Query = [AdminRoutes.Tenant] },
        new("PUT", "/admin/sources/{name}", "putSource", "Adds a remote MCP server, or changes it; its tools are listed first.", PutAsync) { Query = [AdminRoutes.Tenant], Consumes = ["application/json"] },
        new("POST", "/admin/sources/{name}/refresh", "refreshSource", "Looks at a remote MCP server's lists now.", RefreshAsync) { Query = [AdminRoutes.Tenant] },
    ]);

    /// <summary>Serves <c>GET /admin/sources</c>.</summary>
    public async Task ListAsync(HttpContext context)
    {
        var tenant = AdminRequest.Tenant(context);
        using var buffer = new ReplyBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("sources"u8);
            foreach (var version in catalog.Of(tenant).Servers)
            {
                Write(writer, version, health.Of(tenant, version.Manifest.Name));
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    }

    /// <summary>Serves <c>PUT /admin/sources/{name}</c>: adds a remote server, or changes it.</summary>
    public async Task PutAsync(HttpContext context)
    {
        var (tenant, name) = (AdminRequest.Tenant(context), AdminRequest.Name(context));
        var manifest = SourceManifest.Read(name, await RequestBody.ReadAsync(context.Request, MaximumBodyBytes, context.RequestAborted));
        var version = await registrar.ReadAsync(tenant, manifest, context.RequestAborted);
        await deployments.ActivateAsync(version, context.RequestAborted);
        await AnswerAsync(context, version);
    }

    /// <summary>Serves <c>POST /admin/sources/{name}/refresh</c>.</summary>
    public async Task RefreshAsync(HttpContext context)
    {
        var (tenant, name) = (AdminRequest.Tenant(context), AdminRequest.Name(context));
        if (await watches.LookAsync(tenant, name, context.RequestAborted) is { } fault)
        {
            throw new FunctionFaultException(fault);
        }

        await AnswerAsync(context, catalog.Of(tenant).Functions[name]);
    }

    private async Task AnswerAsync(HttpContext context, FunctionVersion version)
    {
        using var buffer = new ReplyBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions))
        {
            Write(writer, version, health.Of(version.Tenant, version.Manifest.Name));
        }

        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter writer, FunctionVersion version, SourceState? state)
    {
        var manifest = version.Manifest;
        writer.WriteStartObject();
        writer.WriteString("name"u8, manifest.Name);
        writer.WriteString("version"u8, version.Digest);
        writer.WriteString("kind"u8, manifest.Remote is null ? "sandbox" : "remote");
        writer.WriteString("place"u8, manifest.Remote?.Url ?? string.Join(' ', manifest.Command));
        writer.WriteString("prefix"u8, manifest.Prefix ?? "");
        writer.WriteString("revision"u8, version.Server?.Revision ?? "");
        writer.WriteString("transport"u8, manifest.Remote is null ? manifest.Port is null ? "stdio" : "http" : version.Server?.Transport == RemoteTransport.Sse ? "sse" : "streamable-http");
        writer.WriteString("state"u8, state is null ? "unknown" : state.Fault is null ? "answers" : "fails");
        if (state?.Fault is { } fault)
        {
            writer.WriteString("reason"u8, fault.Message);
        }

        writer.WriteStartArray("tools"u8);
        foreach (var tool in version.Tools)
        {
            writer.WriteStringValue(tool.Name);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
