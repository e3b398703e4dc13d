namespace ToolRuntime.Bus.Nats;

/// <summary>How a request is sent and its answer taken.</summary>
internal readonly record struct NatsRequestOpts
{
    /// <summary>Longest time for the answer, or null for the connection's own; infinite leaves it to the token and to the connection's end.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>When it is sent.</summary>
    public NatsFlush Flush { get; init; }

    /// <summary>Whether who asked goes on on the thread that reads the connection, without a hop. It must not block there, nor work for long.</summary>
    public bool AnswersInline { get; init; }
}
