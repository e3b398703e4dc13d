using System.Globalization;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Jobs;
using ToolRuntime.Gateway.Mcp;
using ToolRuntime.Gateway.Payloads;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Http;

/// <summary>
/// Jobs over plain HTTP. <c>GET /v1/jobs</c> (<c>?dead=true</c>: dead letters), <c>GET /v1/jobs/{id}</c>, <c>DELETE</c> cancels,
/// <c>POST …/replay</c> begins a delayed one now or repeats a dead one, <c>POST …/answers</c> with <c>{"responses":{question: MCP input response}}</c>.
/// </summary>
public sealed class JobsEndpoint(CallerReader callers, JobDesk jobs, McpOptions options)
{
    private const int StandardListed = 100;

    /// <summary>Serves <c>GET /v1/jobs</c>.</summary>
    public Task ListAsync(HttpContext context) => GuardAsync(context, async caller =>
    {
        var limit = int.TryParse(context.Request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? Math.Clamp(given, 1, JobDesk.MostListed) : StandardListed;
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"jobs\":["u8);
        if (context.Request.Query["dead"] == "true")
        {
            var letters = await jobs.DeadAsync(caller.Tenant, limit, context.RequestAborted);
            WriteAll(buffer, letters, JobJson.Write);
        }
        else
        {
            var views = await jobs.ListAsync(caller.Tenant, limit, context.RequestAborted);
            WriteAll(buffer, views, static (b, view) => JobJson.Write(b, view, isWhole: false));
        }

        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Raw("]}"u8).Written, context.RequestAborted);
    });

    /// <summary>Serves <c>GET /v1/jobs/{id}</c>.</summary>
    public Task GetAsync(HttpContext context, string id) => GuardAsync(context, async caller =>
    {
        if (await jobs.InspectAsync(caller.Tenant, id, context.RequestAborted) is not { } view)
        {
            await MissingAsync(context, id);
            return;
        }

        using var buffer = new ReplyBuffer();
        JobJson.Write(buffer, view, isWhole: true);
        if (!view.IsEnded)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, buffer.Written, context.RequestAborted);
    });

    /// <summary>Serves <c>DELETE /v1/jobs/{id}</c>: 202, for the end is told by the job itself.</summary>
    public Task CancelAsync(HttpContext context, string id) => GuardAsync(context, async caller =>
    {
        if (!await jobs.CancelAsync(caller.Tenant, id, context.RequestAborted))
        {
            await MissingAsync(context, id);
            return;
        }

        await GetAsync(context, id);
    });

    /// <summary>Serves <c>POST /v1/jobs/{id}/replay</c>.</summary>
    public Task ReplayAsync(HttpContext context, string id) => GuardAsync(context, async caller =>
    {
        var record = await jobs.ReplayAsync(caller, id, context.RequestAborted);
        await AcceptedAsync(context, new JobView(record, JobState.Queued, record.AcceptedAt));
    });

    /// <summary>Serves <c>POST /v1/jobs/{id}/answers</c>.</summary>
    public Task AnswerAsync(HttpContext context, string id) => GuardAsync(context, async caller =>
    {
        var body = await RequestBody.ReadAsync(context.Request, options.MaximumBodyBytes, context.RequestAborted);
        var responses = RawJson.Member(body, "responses"u8);
        if (!RawJson.IsObject(responses))
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, """the body must be {"responses":{question: MCP input response}}""", null);
        }

        await (await jobs.AnswerAsync(caller.Tenant, id, responses, context.RequestAborted) ? GetAsync(context, id) : MissingAsync(context, id));
    });

    /// <summary>Answers that a job was taken in, and where it is found.</summary>
    public static async Task AcceptedAsync(HttpContext context, JobView view)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(view);
        using var buffer = new ReplyBuffer();
        JobJson.Write(buffer, view, isWhole: false);
        context.Response.Headers.Location = JobJson.LocationOf(view.Record.Id);
        await JsonReply.WriteAsync(context, StatusCodes.Status202Accepted, buffer.Written, context.RequestAborted);
    }

    private static void WriteAll<T>(ReplyBuffer buffer, IReadOnlyList<T> items, Action<ReplyBuffer, T> write)
    {
        for (var i = 0; i < items.Count; i++)
        {
            buffer.Raw(i == 0 ? ""u8 : ","u8);
            write(buffer, items[i]);
        }
    }

    private static Task MissingAsync(HttpContext context, string id) =>
        ProblemReply.WriteAsync(context, StatusCodes.Status404NotFound, "No such job", $"there is no job '{id}': its id is wrong, or it ended more than a day ago");

    private Task GuardAsync(HttpContext context, Func<Caller, Task> serve) => KnownCaller.ServeAsync(callers, context, caller => ReadBodyAsync(context, () => serve(caller)));

    private async Task ReadBodyAsync(HttpContext context, Func<Task> serve)
    {
        try
        {
            await serve();
        }
        catch (BodyTooLargeException)
        {
            await ProblemReply.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "Body too large", $"the body is larger than {options.MaximumBodyBytes} bytes");
        }
        catch (System.Text.Json.JsonException error)
        {
            await ProblemReply.WriteAsync(context, StatusCodes.Status400BadRequest, "Not JSON", error.Message);
        }
    }
}
