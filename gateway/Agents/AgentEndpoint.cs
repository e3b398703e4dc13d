using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation.Upstream;
using ToolRuntime.Gateway.Http;
using ToolRuntime.Gateway.Streams;

namespace ToolRuntime.Gateway.Agents;

/// <summary>
/// <c>/a2a/{name}</c>: an agent elsewhere. Its card leads to the gateway; what is posted passes to the agent and its answer back, raw, each
/// piece as it comes and no faster than the client reads. The caller's credentials stay here.
/// </summary>
public sealed class AgentEndpoint(CallerReader callers, NamedDocuments<Agent> agents, AgentLinks links)
{
    private const int MaximumBodyBytes = 32 * 1024 * 1024;
    private const int PieceSize = 16 * 1024;
    private static readonly string[] s_passed = ["Accept", "A2A-Version", "A2A-Extensions", "X-A2A-Extensions", "Last-Event-ID"];
    private static readonly string[] s_returned = ["A2A-Extensions", "X-A2A-Extensions", "Retry-After"];

    /// <summary>Serves the agent's card, under its present and its older name.</summary>
    public Task CardAsync(HttpContext context, string name) => GuardAsync(context, name, async agent =>
    {
        var card = await links.CardAsync(agent, context.RequestAborted);
        var ours = $"{context.Request.Scheme}://{context.Request.Host}/a2a/{name}";
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, card.At(ours), context.RequestAborted);
    });

    /// <summary>Passes JSON-RPC.</summary>
    public Task PostAsync(HttpContext context, string name) => GuardAsync(context, name, async agent =>
        await PassAsync(context, agent, (await links.CardAsync(agent, context.RequestAborted)).Rpc));

    /// <summary>Passes HTTP+JSON.</summary>
    public Task RestAsync(HttpContext context, string name, string path) => GuardAsync(context, name, async agent =>
    {
        var card = await links.CardAsync(agent, context.RequestAborted);
        if (card.Rest is not { } root || Uri.UnescapeDataString(path).Split('/', '\\').Any(s => s is "." or ".."))
        {
            throw new FunctionFaultException(FaultCode.ToolNotFound, $"the agent '{name}' has no such path");
        }

        await PassAsync(context, agent, new Uri($"{root.ToString().TrimEnd('/')}/{path}{context.Request.QueryString}"));
    });

    private async Task GuardAsync(HttpContext context, string name, Func<Agent, Task> serve)
    {
        var who = callers.Read(context);
        if (who.Caller is not { } caller)
        {
            await ProblemReply.WriteAsync(context, who.Status, "Refused", who.Reason);
            return;
        }

        try
        {
            await serve(agents.Find(caller.Tenant, name) ?? throw new FunctionFaultException(FaultCode.ToolNotFound, $"there is no agent '{name}'"));
        }
        catch (FunctionFaultException fault) when (!context.Response.HasStarted)
        {
            await ProblemReply.WriteAsync(context, fault.Fault);
        }
        catch (BodyTooLargeException) when (!context.Response.HasStarted)
        {
            await ProblemReply.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "Body too large", $"the body is larger than {MaximumBodyBytes} bytes");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left, and the request to the agent ended with it.
        }
    }

    private async Task PassAsync(HttpContext context, Agent agent, Uri url)
    {
        var http = links.Http(agent);
        var body = context.Request.ContentLength is 0 ? default : await RequestBody.ReadAsync(context.Request, MaximumBodyBytes, context.RequestAborted);
        try
        {
            using var response = await http.SendAsync(() => Request(context, http, url, body), context.RequestAborted);
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            context.Response.ContentLength = response.Content.Headers.ContentLength;
            foreach (var name in s_returned.Where(response.Headers.Contains))
            {
                context.Response.Headers[name] = response.Headers.GetValues(name).ToArray();
            }

            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await using var stream = await response.Content.ReadAsStreamAsync(context.RequestAborted);
            var writer = context.Response.BodyWriter;
            while (await stream.ReadAsync(writer.GetMemory(PieceSize), context.RequestAborted) is var read and > 0)
            {
                writer.Advance(read);
                await writer.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException && !context.Response.HasStarted)
        {
            throw new FunctionFaultException(http.Describe(error), error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            // The agent broke off in the middle; so must the answer, or it would look whole.
            context.Abort();
        }
    }

    private static HttpRequestMessage Request(HttpContext context, UpstreamHttp http, Uri url, ReadOnlyMemory<byte> body)
    {
        var request = http.Request(new HttpMethod(context.Request.Method), url);
        foreach (var name in s_passed)
        {
            if (context.Request.Headers.TryGetValue(name, out var value))
            {
                request.Headers.TryAddWithoutValidation(name, value.ToString());
            }
        }

        if (!body.IsEmpty)
        {
            request.Content = new ReadOnlyMemoryContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType ?? "application/json");
        }

        return request;
    }
}
