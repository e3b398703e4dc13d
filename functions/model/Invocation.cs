namespace ToolRuntime.Functions;

/// <summary>One call of one tool, as it stands in the queue.</summary>
public sealed record Invocation
{
    /// <summary>Its id, see <see cref="Ids"/>.</summary>
    public required string Id { get; init; }

    /// <summary>The session whose topic carries its events, see <see cref="Ids"/>.</summary>
    public required string Session { get; init; }

    /// <summary>Whether the session lives beyond this call.</summary>
    public bool SessionIsExplicit { get; init; }

    /// <summary>Who calls.</summary>
    public required Caller Caller { get; init; }

    /// <summary>The pool that runs it: an image's name.</summary>
    public required string Pool { get; init; }

    /// <summary>The function's name.</summary>
    public required string Function { get; init; }

    /// <summary>The version that it runs.</summary>
    public required string Version { get; init; }

    /// <summary>The tool's name.</summary>
    public required string Tool { get; init; }

    /// <summary>The arguments: UTF-8 of one JSON object. Empty when <see cref="ArgumentsReference"/> is set.</summary>
    public required ReadOnlyMemory<byte> Arguments { get; init; }

    /// <summary>Object-store name of the arguments where they are larger than 512 KiB, or null.</summary>
    public string? ArgumentsReference { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When it must have ended.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>What the caller can do with what comes before the result.</summary>
    public InvocationOptions Options { get; init; }

    /// <summary>Whether it may be run again after its runtime died.</summary>
    public RetryPolicy Retry { get; init; }

    /// <summary>The call from whose function this one was made, or null.</summary>
    public string? Parent { get; init; }

    /// <summary>Tools from the outermost call to the parent, outermost first; empty for a call from outside.</summary>
    public IReadOnlyList<string> Chain { get; init; } = [];

    /// <summary>W3C <c>traceparent</c>, or null.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c>, or null.</summary>
    public string? TraceState { get; init; }

    /// <summary>What the policy decided, for the record.</summary>
    public string Decision { get; init; } = "allow";
}
