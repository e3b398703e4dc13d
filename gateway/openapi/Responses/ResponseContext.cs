using System.Text.Json;

using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Responses;

/// <summary>The call that an answer belongs to.</summary>
public sealed record ResponseContext
{
    /// <summary>The tool.</summary>
    public required ApiTool Tool { get; init; }

    /// <summary>Its arguments, for the next page's.</summary>
    public required JsonElement Arguments { get; init; }

    /// <summary>Whose the call is: what is kept for reading on is for them alone.</summary>
    public required string Owner { get; init; }

    /// <summary>What of the answer is wanted, or null for all.</summary>
    public ResultShape? Shape { get; init; }

    /// <summary>Takes each item of a stream as it comes, as UTF-8 JSON, or null where nobody listens.</summary>
    public Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>? OnItem { get; init; }
}
