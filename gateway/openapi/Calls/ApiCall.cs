using System.Text.Json;

using ToolRuntime.OpenApi.Credentials;
using ToolRuntime.OpenApi.Requests;
using ToolRuntime.OpenApi.Responses;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Calls;

/// <summary>One call of a tool.</summary>
public sealed record ApiCall
{
    /// <summary>The tool.</summary>
    public required ApiTool Tool { get; init; }

    /// <summary>Its arguments, an object that stays readable until the call has ended.</summary>
    public required JsonElement Arguments { get; init; }

    /// <summary>Who calls.</summary>
    public required ApiCaller Caller { get; init; }

    /// <summary>What of the answer is wanted, or null for all.</summary>
    public ResultShape? Shape { get; init; }

    /// <summary>Takes each item of a stream as it comes, as UTF-8 JSON, or null.</summary>
    public Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>? OnItem { get; init; }

    /// <summary>Finds what an argument names by URI, among what the caller may read; null for what the source finds.</summary>
    public FindResource? Find { get; init; }

    /// <summary>The W3C trace context, passed on; null for none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The trace state that goes with it.</summary>
    public string? TraceState { get; init; }

    /// <summary>What the call may take where that is less than the source's own bound; null for that.</summary>
    public TimeSpan? Timeout { get; init; }
}
