using System.Globalization;
using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.Bus;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Http;
using ToolRuntime.Gateway.Mcp;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Keeping;

/// <summary>
/// State over plain HTTP: <c>GET</c>, <c>PUT</c>, <c>DELETE /v1/state/session/{session}/{key}</c> and <c>/v1/state/tenant/{key}</c>; the body is the
/// value. The revision is the <c>ETag</c>; <c>If-Match</c>, and <c>If-None-Match: *</c> for a new key, are compare-and-set. Without a key, <c>GET</c> lists.
/// </summary>
public sealed class StateEndpoint(CallerReader callers, MessageBus bus, McpOptions options)
{
    /// <summary>Serves a session's state.</summary>
    public Task SessionAsync(HttpContext context, string session, string? key) => Ids.IsValid(session)
        ? ServeAsync(context, tenant => new StateScope(tenant, session), key)
        : ProblemReply.WriteAsync(context, StatusCodes.Status400BadRequest, "Wrong session", "a session's id is 20 to 64 of a-z and 0-9");

    /// <summary>Serves the tenant's state.</summary>
    public Task TenantAsync(HttpContext context, string? key) => ServeAsync(context, static tenant => new StateScope(tenant), key);

    private async Task ServeAsync(HttpContext context, Func<string, StateScope> scopeOf, string? key)
    {
        if (await KnownCaller.ReadAsync(callers, context) is not { } caller)
        {
            return;
        }

        try
        {
            var scope = scopeOf(caller.Tenant);
            await (context.Request.Method switch
            {
                "GET" when key is null => ListAsync(context, scope),
                "GET" => GetAsync(context, scope, key),
                "PUT" when key is not null => PutAsync(context, scope, key),
                "DELETE" when key is not null => DeleteAsync(context, scope, key),
                _ => ProblemReply.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "Method not allowed", "use GET, and with a key PUT or DELETE"),
            });
        }
        catch (FunctionFaultException refused)
        {
            await ProblemReply.WriteAsync(context, refused.Fault);
        }
        catch (BodyTooLargeException)
        {
            await ProblemReply.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "Body too large", $"the body is larger than {options.MaximumBodyBytes} bytes");
        }
    }

    private async Task ListAsync(HttpContext context, StateScope scope)
    {
        var parameters = JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["prefix"] = context.Request.Query["prefix"].ToString() });
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, await StateWords.DoAsync(bus.State, scope, "list", parameters, context.RequestAborted), context.RequestAborted);
    }

    private async Task GetAsync(HttpContext context, StateScope scope, string key)
    {
        if (await bus.State.GetAsync(scope, key, context.RequestAborted) is not { } entry)
        {
            await ProblemReply.WriteAsync(context, StatusCodes.Status404NotFound, "No such key", $"there is no key '{key}'");
            return;
        }

        Tag(context, entry.Revision);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, entry.Value, context.RequestAborted);
    }

    private async Task PutAsync(HttpContext context, StateScope scope, string key)
    {
        var value = await RequestBody.ReadAsync(context.Request, options.MaximumBodyBytes, context.RequestAborted);
        try
        {
            JsonDocument.Parse(value).Dispose();
        }
        catch (JsonException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.InvalidArguments, $"the body is no JSON value: {error.Message}"), error);
        }

        await WrittenAsync(context, key, await bus.State.PutAsync(scope, key, value, Ttl(context), Expected(context), context.RequestAborted));
    }

    private async Task DeleteAsync(HttpContext context, StateScope scope, string key)
    {
        var done = await bus.State.DeleteAsync(scope, key, Expected(context), context.RequestAborted);
        await WrittenAsync(context, key, done.Revision == 0 ? done with { IsDone = true } : done);
    }

    private static async Task WrittenAsync(HttpContext context, string key, StateWrite write)
    {
        if (write.Revision > 0)
        {
            Tag(context, write.Revision);
        }

        if (write.IsDone)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await ProblemReply.WriteAsync(context, StatusCodes.Status412PreconditionFailed, "Conflict", write.Revision == 0 ? $"there is no key '{key}'" : $"'{key}' is at revision {write.Revision}");
    }

    private static void Tag(HttpContext context, ulong revision) => context.Response.Headers.ETag = $"\"{revision.ToString(CultureInfo.InvariantCulture)}\"";

    private static ulong? Expected(HttpContext context)
    {
        if (context.Request.Headers.IfNoneMatch == "*")
        {
            return 0;
        }

        var tag = context.Request.Headers.IfMatch.ToString();
        return tag.Length == 0 ? null
            : ulong.TryParse(tag.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision
            : throw new FunctionFaultException(FaultCode.InvalidArguments, $"If-Match: {tag} is no revision", "give the ETag of an earlier answer");
    }

    private static TimeSpan? Ttl(HttpContext context) =>
        context.Request.Query["ttl"].ToString() is not { Length: > 0 } text ? null
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < int.MaxValue ? TimeSpan.FromSeconds(seconds)
        : throw new FunctionFaultException(FaultCode.InvalidArguments, $"ttl: {text} is no number of seconds");
}
