using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation;

/// <summary>Requests to MCP servers that are no tool calls: which server they go to, and the call that they become.</summary>
public sealed class ServerRequests(ServerLists lists, ServerCalls calls, TimeProvider time)
{
    private static readonly JsonElement s_anything = JsonElement.Parse("{}"u8);

    /// <summary>Whether servers serve <paramref name="method"/>.</summary>
    public static bool Serves(string method) =>
        method is "resources/read" or "resources/subscribe" or "resources/unsubscribe" or "prompts/get" or "completion/complete";

    /// <summary>Starts a request at the server that has what it names; null when no server has it.</summary>
    public async ValueTask<ICall?> StartAsync(Caller caller, string? session, ToolScope scope, (string Method, ReadOnlyMemory<byte> Parameters) request, InvocationOptions options, CancellationToken cancellationToken)
    {
        var item = Item(request.Method, request.Parameters);
        if (await lists.FindAsync(caller, session, scope, item, cancellationToken) is not { } found)
        {
            return null;
        }

        var version = found.Version;
        var now = time.GetUtcNow();
        var invocation = new Invocation
        {
            Id = Ids.New(),
            Session = session ?? Ids.New(),
            SessionIsExplicit = session is not null,
            Caller = caller,
            Pool = version.Pool,
            Function = version.Manifest.Name,
            Version = version.Digest,
            Tool = request.Method,
            Arguments = request.Parameters,
            AcceptedAt = now,
            Deadline = now + TimeSpan.FromSeconds(version.Manifest.TimeoutSeconds),
            Options = options,
        };
        return await calls.StartAsync(invocation, Route(version, request.Method), Named(request.Method, request.Parameters, item.Key, found.Key), cancellationToken);
    }

    /// <summary>The request with the server's own name for what it names.</summary>
    private static ServerRequest Named(string method, ReadOnlyMemory<byte> parameters, string shown, string own)
    {
        if (shown == own || method != "completion/complete")
        {
            return new ServerRequest(method, parameters) { Name = method == "completion/complete" ? null : own, Renames = shown != own };
        }

        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"ref\":{\"name\":"u8).Text(own);
        foreach (var (name, value) in RawJson.Members(RawJson.Member(parameters, "ref"u8)).Where(m => m.Key != "name"))
        {
            buffer.Raw(","u8).Text(name).Raw(":"u8).Raw(value.Span);
        }

        buffer.Raw("}"u8);
        foreach (var (name, value) in RawJson.Members(parameters).Where(m => m.Key != "ref"))
        {
            buffer.Raw(","u8).Text(name).Raw(":"u8).Raw(value.Span);
        }

        return new ServerRequest(method, buffer.Raw("}"u8).Written.ToArray());
    }

    /// <summary>A route for a request that is no tool.</summary>
    public static ToolRoute Route(FunctionVersion version, string method) => new(version, new ToolDefinition { Name = method, InputSchema = s_anything });

    private static (ServerListKind Kind, string Key) Item(string method, ReadOnlyMemory<byte> parameters)
    {
        var named = method == "completion/complete" ? RawJson.Member(parameters, "ref"u8) : parameters;
        var uri = RawJson.Text(RawJson.Member(named, "uri"u8));
        return uri is not null
            ? (ServerListKind.Resources, uri)
            : (ServerListKind.Prompts, RawJson.Text(RawJson.Member(named, "name"u8)) ?? "");
    }
}
