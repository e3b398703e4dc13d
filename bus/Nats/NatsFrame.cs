namespace ToolRuntime.Bus.Nats;

/// <summary>One MSG or HMSG; the spans hold only during the call, <see cref="Buffer"/> may be kept.</summary>
internal readonly ref struct NatsFrame
{
    /// <summary>Which subscription.</summary>
    public required long Sid { get; init; }

    /// <summary>The subject.</summary>
    public required ReadOnlySpan<byte> Subject { get; init; }

    /// <summary>The reply subject, maybe empty.</summary>
    public required ReadOnlySpan<byte> ReplyTo { get; init; }

    /// <summary>Headers, then payload.</summary>
    public required byte[] Buffer { get; init; }

    /// <summary>Length of the headers in <see cref="Buffer"/>.</summary>
    public required int HeaderLength { get; init; }
}
