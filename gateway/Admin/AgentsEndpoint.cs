using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Agents;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation.Sources;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Admin;

/// <summary><c>/admin/agents</c>: agents elsewhere, each reached at <c>/a2a/{name}</c>.</summary>
public sealed class AgentsEndpoint(NamedDocuments<Agent> agents, AgentLinks links)
{
    private const int MaximumBodyBytes = 64 * 1024;

    /// <summary>Its operations.</summary>
    public AdminRoutes Routes => new(
    [
        new("GET", "/admin/agents", "listAgents", "All agents.", ListAsync) { Query = [AdminRoutes.Tenant] },
        new("PUT", "/admin/agents/{name}", "putAgent", "Adds an agent, or changes it; its card is read first.", PutAsync) { Query = [AdminRoutes.Tenant], Consumes = ["application/json"] },
        new("DELETE", "/admin/agents/{name}", "removeAgent", "Removes an agent.", RemoveAsync) { Query = [AdminRoutes.Tenant], Produces = [] },
    ]);

    /// <summary>Serves <c>GET /admin/agents</c>.</summary>
    public async Task ListAsync(HttpContext context)
    {
        using var buffer = new ReplyBuffer();
        using (var writer = new Utf8JsonWriter(buffer, ReplyBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("agents"u8);
            foreach (var agent in agents.Of(AdminRequest.Tenant(context)))
            {
                JsonSerializer.Serialize(writer, agent, FunctionsJson.Default.Agent);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    }

    /// <summary>Serves <c>PUT /admin/agents/{name}</c> with <c>{"url","headers"?,"allowHosts"?}</c>.</summary>
    public async Task PutAsync(HttpContext context)
    {
        var agent = Read(AdminRequest.Tenant(context), AdminRequest.Name(context), await RequestBody.ReadAsync(context.Request, MaximumBodyBytes, context.RequestAborted));
        var card = await links.CardAsync(agent, context.RequestAborted);
        await agents.PutAsync(agent.Tenant, agent.Name, agent, context.RequestAborted);
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"name\":"u8).Text(agent.Name).Raw(",\"title\":"u8).Text(card.Title).Raw(",\"url\":"u8).Text(agent.Url).Raw("}"u8);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    }

    /// <summary>Serves <c>DELETE /admin/agents/{name}</c>.</summary>
    public async Task RemoveAsync(HttpContext context)
    {
        var name = AdminRequest.Name(context);
        context.Response.StatusCode = await agents.RemoveAsync(AdminRequest.Tenant(context), name, context.RequestAborted)
            ? StatusCodes.Status204NoContent
            : throw new FunctionFaultException(FaultCode.ToolNotFound, $"there is no agent '{name}'");
    }

    private static Agent Read(string tenant, string name, ReadOnlyMemory<byte> body)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (header, value) in RawJson.Members(RawJson.Member(body, "headers"u8)))
        {
            headers[header] = RawJson.Text(value) ?? "";
        }

        var agent = new Agent
        {
            Tenant = tenant,
            Name = name,
            Url = RawJson.Text(RawJson.Member(body, "url"u8)) ?? "",
            Headers = headers,
            AllowHosts = [.. RawJson.Items(RawJson.Member(body, "allowHosts"u8)).Select(RawJson.Text).OfType<string>()],
        };
        List<string> errors = Names.IsFunction(name) ? [] : [$"name: \"{name}\" must be a letter and up to 62 of A-Z a-z 0-9 _ -"];
        SourceManifest.CheckPlace(agent.Url, agent.AllowHosts, errors);
        SourceManifest.CheckHeaders(agent.Headers, errors);
        return errors.Count == 0 ? agent : throw new FunctionFaultException(FaultCode.InvalidArguments, $"the agent is refused: {string.Join("; ", errors)}");
    }
}
