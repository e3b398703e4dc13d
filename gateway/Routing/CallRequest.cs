using Microsoft.AspNetCore.Http;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.Gateway.Routing;

/// <summary>A call as a protocol's face hands it over.</summary>
public sealed record CallRequest
{
    /// <summary>Who calls.</summary>
    public required Caller Caller { get; init; }

    /// <summary>The tool's name.</summary>
    public required string Tool { get; init; }

    /// <summary>The arguments: UTF-8 of one JSON object; empty means <c>{}</c>.</summary>
    public ReadOnlyMemory<byte> Arguments { get; init; }

    /// <summary>What the arguments were written for.</summary>
    public SchemaDialect Dialect { get; init; } = SchemaDialect.Strict202012;

    /// <summary>The raw parameters of the protocol's request, for MCP servers: they get what the gateway does not know as well. Empty where there are none.</summary>
    public ReadOnlyMemory<byte> Parameters { get; init; }

    /// <summary>Which tools the endpoint has that was called.</summary>
    public ToolScope Scope { get; init; } = ToolScope.All;

    /// <summary>The session that the caller named, or null for a fresh one.</summary>
    public string? Session { get; init; }

    /// <summary>The id that the call gets; null makes one.</summary>
    public string? Id { get; init; }

    /// <summary>A second call of the tool with the same key joins the first; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>What the caller can do with what comes before the result.</summary>
    public InvocationOptions Options { get; init; }

    /// <summary>The call's latest end, or null for the function's own timeout.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The outer call, or null.</summary>
    public string? Parent { get; init; }

    /// <summary>Tools from the outermost call to the parent.</summary>
    public IReadOnlyList<string> Chain { get; init; } = [];

    /// <summary>Whether the session of a child lives beyond it; for calls from outside a named session does.</summary>
    public bool? SessionIsExplicit { get; init; }

    /// <summary>Headers of the caller's own request; an API gets those of them that its operator lets pass.</summary>
    public IHeaderDictionary? Headers { get; init; }

    /// <summary>W3C <c>traceparent</c>, or null.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c>, or null.</summary>
    public string? TraceState { get; init; }
}
