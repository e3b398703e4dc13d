using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.Gateway.Mcp.Wire;

/// <summary>One POST with one message, after step 1 of the way of a call.</summary>
/// <param name="Context">The HTTP request and its response.</param>
/// <param name="Caller">Who calls.</param>
/// <param name="Message">What was sent.</param>
/// <param name="Meta">What its <c>_meta</c> says.</param>
public sealed record McpExchange(HttpContext Context, Caller Caller, JsonRpcMessage Message, RequestMeta Meta)
{
    /// <summary>Which tools the endpoint has that was posted to.</summary>
    public ToolScope Scope { get; init; } = ToolScope.All;

    /// <summary>What the client's model takes of JSON Schema: <c>?schema=</c> of the endpoint's URL.</summary>
    public SchemaDialect Dialect { get; init; } = SchemaDialect.Strict202012;

    /// <summary>Ends when the client leaves.</summary>
    public CancellationToken Aborted => Context.RequestAborted;

    /// <summary>Answers with a whole message.</summary>
    public Task ReplyAsync(ReplyBuffer message, int status = StatusCodes.Status200OK) =>
        JsonReply.WriteAsync(Context, status, message.Written, Aborted);

    /// <summary>Answers with an error.</summary>
    public async Task ErrorAsync(JsonRpcException error, int status)
    {
        using var buffer = new ReplyBuffer();
        buffer.Error(error, error.Id.IsEmpty ? Message.Id : error.Id);
        await ReplyAsync(buffer, status);
    }
}
