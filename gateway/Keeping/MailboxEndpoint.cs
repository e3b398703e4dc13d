using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Mailboxes;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Http;
using ToolRuntime.Gateway.Mcp;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Keeping;

/// <summary>
/// Mailboxes over plain HTTP, below <c>/v1/mailboxes</c>: <c>POST {name}/messages</c> sends <c>{"body","key"?,"ttl"?}</c>, <c>GET {name}/messages?max=&amp;wait=&amp;lease=</c>
/// receives, <c>POST {name}/ack</c> <c>{"ids"}</c>, <c>POST {name}/requests</c> <c>{"body","timeout"?}</c> waits for the answer, <c>POST {name}/replies</c>
/// <c>{"replyTo","body"}</c> gives one, <c>GET {name}/dead</c> and <c>POST {name}/dead/replay</c>.
/// </summary>
public sealed class MailboxEndpoint(CallerReader callers, MessageBus bus, McpOptions options)
{
    private static readonly string[] s_numbers = ["max", "wait", "lease"];

    /// <summary>Serves one of them.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">The mailbox, or null for all.</param>
    /// <param name="word">Of <see cref="MailboxWords"/>.</param>
    public async Task ServeAsync(HttpContext context, string? name, string word)
    {
        if (await KnownCaller.ReadAsync(callers, context) is not { } caller)
        {
            return;
        }

        try
        {
            var parameters = HttpMethods.IsGet(context.Request.Method) ? OfQuery(context.Request.Query) : await OfBodyAsync(context);
            parameters["name"] = name;
            parameters["to"] = name;
            var answer = await MailboxWords.DoAsync(bus.Mailboxes, (caller.Tenant, caller.Subject), word, JsonSerializer.SerializeToElement(parameters), context.RequestAborted);
            await JsonReply.WriteAsync(context, StatusCodes.Status200OK, answer, context.RequestAborted);
        }
        catch (FunctionFaultException refused)
        {
            await ProblemReply.WriteAsync(context, refused.Fault);
        }
        catch (BodyTooLargeException)
        {
            await ProblemReply.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "Body too large", $"the body is larger than {options.MaximumBodyBytes} bytes");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer; what was taken comes again when its lease is over.
        }
    }

    private static JsonObject OfQuery(IQueryCollection query)
    {
        var parameters = new JsonObject();
        foreach (var name in s_numbers.Where(query.ContainsKey))
        {
            parameters[name] = decimal.TryParse(query[name], System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new FunctionFaultException(FaultCode.InvalidArguments, $"{name}: {query[name]} is no number");
        }

        return parameters;
    }

    private async ValueTask<JsonObject> OfBodyAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context.Request, options.MaximumBodyBytes, context.RequestAborted);
        try
        {
            return body.IsEmpty ? [] : JsonNode.Parse(body.Span) as JsonObject ?? throw new FunctionFaultException(FaultCode.InvalidArguments, "the body is no JSON object");
        }
        catch (JsonException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.InvalidArguments, $"the body is no JSON object: {error.Message}"), error);
        }
    }
}
