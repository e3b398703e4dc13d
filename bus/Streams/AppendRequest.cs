namespace ToolRuntime.Bus.Streams;

/// <summary>What is to be appended.</summary>
public sealed record AppendRequest
{
    /// <summary>The chunk; empty only where the stream is to be closed.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Its media type; must be the stream's. Null is not checked.</summary>
    public string? ContentType { get; init; }

    /// <summary>Must sort (by bytes) after the last one that was given, or null.</summary>
    public string? WriterSequence { get; init; }

    /// <summary>The batch of an idempotent producer, or null.</summary>
    public ProducerMark? Producer { get; init; }

    /// <summary>Whether the stream ends with it.</summary>
    public bool Closes { get; init; }
}
