namespace ToolRuntime.Bus.Streams;

/// <summary>A stream that is to be made.</summary>
public sealed record StreamRequest
{
    /// <summary>Media type of its chunks.</summary>
    public required string ContentType { get; init; }

    /// <summary>Seconds that it lives without being read or written, or null.</summary>
    public long? TtlSeconds { get; init; }

    /// <summary>When it ends in any case (RFC 3339), or null.</summary>
    public string? ExpiresAt { get; init; }

    /// <summary>Its first chunk, or empty.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Whether it is closed from its begin.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Where it is forked from, or null.</summary>
    public ForkOrigin? Fork { get; init; }

    /// <summary>Whether <see cref="Fork"/> names the place, and not just the source's end.</summary>
    public bool NamesForkPlace { get; init; }

    /// <summary>The part of the source's next chunk that a fork begins with, or empty.</summary>
    public ReadOnlyMemory<byte> ForkPart { get; init; }
}
