using ToolRuntime.Bus.Jobs;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation;
using ToolRuntime.Gateway.Jobs;
using ToolRuntime.Gateway.Mcp.Wire;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Mcp.Modern;

/// <summary>
/// The extension <c>io.modelcontextprotocol/tasks</c>: a call of a tool that says so becomes a task of a client that declares it, stored on the bus
/// before its id is given away; <c>tasks/get</c>, <c>tasks/update</c> and <c>tasks/cancel</c> are answered by any gateway.
/// </summary>
public sealed class TaskRequests(JobDesk jobs, TaskWriter writer)
{
    /// <summary>The extension's name.</summary>
    public const string Extension = "io.modelcontextprotocol/tasks";

    private static readonly byte[] s_done = [.. "{\"resultType\":\"complete\",\"_meta\":"u8, .. ServerIdentity.ResultMeta, .. "}}"u8];

    /// <summary>Whether the client declared the extension for this request.</summary>
    public static bool IsDeclared(McpExchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        return RawJson.IsObject(RawJson.Member(RawJson.Member(exchange.Meta.ClientCapabilities, "extensions"u8), "io.modelcontextprotocol/tasks"u8));
    }

    /// <summary>How a call is to be served: what the tool says, as far as the client can take it.</summary>
    /// <exception cref="JsonRpcException">The tool's calls are tasks, and the client cannot take one.</exception>
    public static TaskSupport Decide(McpExchange exchange, ToolRoute? route)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        var support = route?.Tasks ?? TaskSupport.None;
        if (support == TaskSupport.None || IsDeclared(exchange))
        {
            return support;
        }

        return support == TaskSupport.Optional ? TaskSupport.None : throw Undeclared(exchange, $"a call of '{route!.Tool.Name}' is a task");
    }

    /// <summary>Answers a call with a task.</summary>
    public static async Task CreatedAsync(McpExchange exchange, JobRecord record)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        using var buffer = new ReplyBuffer();
        TaskWriter.WriteCreated(buffer.Result(exchange.Message.Id), record);
        await exchange.ReplyAsync(buffer.End());
    }

    /// <summary>Serves <c>tasks/get</c>.</summary>
    public async Task GetAsync(McpExchange exchange)
    {
        var id = IdOf(exchange);
        var view = await jobs.FindAsync(exchange.Caller.Tenant, id, exchange.Aborted) ?? throw Unknown(exchange);
        using var buffer = new ReplyBuffer();
        buffer.Result(exchange.Message.Id).Raw("{\"resultType\":\"complete\",\"_meta\":"u8).Raw(ServerIdentity.ResultMeta).Raw(","u8);
        await writer.WriteAsync(buffer, view, exchange.Aborted);
        await exchange.ReplyAsync(buffer.Raw("}"u8).End());
    }

    /// <summary>Serves <c>tasks/update</c>.</summary>
    public async Task UpdateAsync(McpExchange exchange)
    {
        var id = IdOf(exchange);
        if (!RawJson.IsObject(exchange.Message.InputResponses))
        {
            throw new JsonRpcException(JsonRpcCodes.InvalidParams, "tasks/update needs the object \"inputResponses\"", exchange.Message.Id);
        }

        await DoneAsync(exchange, await jobs.AnswerAsync(exchange.Caller.Tenant, id, exchange.Message.InputResponses, exchange.Aborted));
    }

    /// <summary>Serves <c>tasks/cancel</c>; a task that has ended stays as it is.</summary>
    public async Task CancelAsync(McpExchange exchange) =>
        await DoneAsync(exchange, await jobs.CancelAsync(exchange.Caller.Tenant, IdOf(exchange), exchange.Aborted));

    /// <summary>Those of some tasks that there are; none for a client that did not declare the extension.</summary>
    public async ValueTask<IReadOnlyList<string>> KnownAsync(McpExchange exchange, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var known = new List<string>();
        foreach (var id in IsDeclared(exchange) ? ids : [])
        {
            if (await jobs.FindAsync(exchange.Caller.Tenant, id, cancellationToken) is not null)
            {
                known.Add(id);
            }
        }

        return known;
    }

    /// <summary>Tells the state of a task, and each change of it, until it has ended or the token does; never faults.</summary>
    public async Task WatchAsync(string tenant, string id, Action<ServerNote> tell, CancellationToken cancellationToken)
    {
        try
        {
            await using var follower = await jobs.FollowAsync(tenant, id, cancellationToken);
            string? told = null;
            while (follower is not null && await jobs.FindAsync(tenant, id, cancellationToken) is { } view)
            {
                if (TaskWriter.Status(view) is var status && status != told)
                {
                    told = status;
                    using var buffer = new ReplyBuffer();
                    await writer.WriteAsync(buffer.Raw("{"u8), view, cancellationToken);
                    tell(new ServerNote(SubscriptionFilter.TaskNote, buffer.Raw("}"u8).Written.ToArray()));
                }

                if (view.IsEnded || !await ChangesAsync(follower, told == "input_required", cancellationToken))
                {
                    return;
                }
            }
        }
        catch (Exception)
        {
            // The rim of a task nobody waits for: notifications are an offer, tasks/get is what counts.
            return;
        }
    }

    /// <summary>Waits for an event by which the state may be another; false when there is none any more.</summary>
    private static async ValueTask<bool> ChangesAsync(TopicFollower follower, bool isAsked, CancellationToken cancellationToken)
    {
        while (await follower.NextAsync(cancellationToken) is { } item)
        {
            if (isAsked || item.Event.IsTerminal || item.Event.Kind is EventKind.Started or EventKind.InputRequired)
            {
                return true;
            }
        }

        return false;
    }

    private static async Task DoneAsync(McpExchange exchange, bool isKnown)
    {
        if (!isKnown)
        {
            throw Unknown(exchange);
        }

        using var buffer = new ReplyBuffer();
        await exchange.ReplyAsync(buffer.Result(exchange.Message.Id).Raw(s_done));
    }

    private static string IdOf(McpExchange exchange)
    {
        if (!IsDeclared(exchange))
        {
            throw Undeclared(exchange, exchange.Message.Method!);
        }

        return exchange.Message.TaskId is { } id && Ids.IsValid(id) ? id : throw Unknown(exchange);
    }

    private static JsonRpcException Unknown(McpExchange exchange) =>
        new(JsonRpcCodes.InvalidParams, "there is no such task: its id is wrong, or its time to live is over", exchange.Message.Id);

    private static JsonRpcException Undeclared(McpExchange exchange, string what) => new(
        JsonRpcCodes.MissingClientCapability,
        $"{what}: that needs the extension {Extension}, which the client did not declare",
        exchange.Message.Id,
        $"{{\"requiredCapabilities\":{{\"extensions\":{{\"{Extension}\":{{}}}}}}}}");
}
