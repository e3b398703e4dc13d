using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Admin;

/// <summary><c>/admin/sets</c>: chosen parts of a tenant's tools, each served at <c>/mcp/sets/{name}</c>.</summary>
public sealed class SetsEndpoint(NamedDocuments<ToolSet> sets)
{
    private const int MaximumBodyBytes = 256 * 1024;

    /// <summary>Its operations.</summary>
    public AdminRoutes Routes => new(
    [
        new("GET", "/admin/sets", "listSets", "All toolsets.", ListAsync) { Query = [AdminRoutes.Tenant] },
        new("PUT", "/admin/sets/{name}", "putSet", "Keeps a toolset: tools of chosen sources under a URL of their own.", PutAsync) { Query = [AdminRoutes.Tenant], Consumes = ["application/json"], Produces = [] },
        new("DELETE", "/admin/sets/{name}", "removeSet", "Removes a toolset; its tools stay.", RemoveAsync) { Query = [AdminRoutes.Tenant], Produces = [] },
    ]);

    /// <summary>Serves <c>GET /admin/sets</c>.</summary>
    public async Task ListAsync(HttpContext context)
    {
        using var buffer = new ReplyBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("sets"u8);
            foreach (var set in sets.Of(AdminRequest.Tenant(context)))
            {
                JsonSerializer.Serialize(writer, set, FunctionsJson.Default.ToolSet);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    }

    /// <summary>Serves <c>PUT /admin/sets/{name}</c> with <c>{"description"?, "parts":[{"source","tools":[…]}]}</c>.</summary>
    public async Task PutAsync(HttpContext context)
    {
        var (tenant, name) = (AdminRequest.Tenant(context), AdminRequest.Name(context));
        var set = Read(tenant, name, await RequestBody.ReadAsync(context.Request, MaximumBodyBytes, context.RequestAborted));
        await sets.PutAsync(tenant, name, set, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Serves <c>DELETE /admin/sets/{name}</c>.</summary>
    public async Task RemoveAsync(HttpContext context)
    {
        var name = AdminRequest.Name(context);
        context.Response.StatusCode = await sets.RemoveAsync(AdminRequest.Tenant(context), name, context.RequestAborted)
            ? StatusCodes.Status204NoContent
            : throw new FunctionFaultException(FaultCode.ToolNotFound, $"there is no toolset '{name}'");
    }

    private static ToolSet Read(string tenant, string name, ReadOnlyMemory<byte> body)
    {
        if (!Names.IsFunction(name))
        {
            throw Refuse($"the name '{name}' is not a letter and up to 62 of A-Z a-z 0-9 _ -");
        }

        var parts = RawJson.Items(RawJson.Member(body, "parts"u8)).Select(Part).ToList();
        return parts.Count > 0
            ? new ToolSet { Tenant = tenant, Name = name, Description = RawJson.Text(RawJson.Member(body, "description"u8)), Parts = parts }
            : throw Refuse("\"parts\" must name at least one source");
    }

    private static ToolSetPart Part(ReadOnlyMemory<byte> part) => RawJson.Text(RawJson.Member(part, "source"u8)) is { } source && (source == "*" || Names.IsFunction(source))
        ? new ToolSetPart(source, [.. RawJson.Items(RawJson.Member(part, "tools"u8)).Select(RawJson.Text).OfType<string>()])
        : throw Refuse("each part needs \"source\": the name of a function or server, or *");

    private static FunctionFaultException Refuse(string why) => new(FaultCode.InvalidArguments, $"the toolset is refused: {why}");
}
