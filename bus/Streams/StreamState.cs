using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Streams;

/// <summary>
/// All that is known of a stream. It rides in a header of every stored message, so that the subject's last message is the stream's state, and
/// one publish that expects the one before it appends, moves a producer on and closes in one step.
/// </summary>
public sealed record StreamState
{
    /// <summary>The stream's name.</summary>
    [JsonPropertyName("p")]
    public required string Path { get; init; }

    /// <summary>Media type of its chunks, as it was given.</summary>
    [JsonPropertyName("t")]
    public required string ContentType { get; init; }

    /// <summary>Seconds that it lives without being read or written, or null.</summary>
    [JsonPropertyName("l")]
    public long? TtlSeconds { get; init; }

    /// <summary>When it ends in any case, as it was given (RFC 3339), or null.</summary>
    [JsonPropertyName("x")]
    public string? ExpiresAt { get; init; }

    /// <summary>When it was last known to be used, Unix milliseconds.</summary>
    [JsonPropertyName("a")]
    public long UsedAt { get; init; }

    /// <summary>Chunks up to and with this message, those before a fork included.</summary>
    [JsonPropertyName("n")]
    public ulong Position { get; init; }

    /// <summary>Bytes of the chunks of its own.</summary>
    [JsonPropertyName("b")]
    public long Bytes { get; init; }

    /// <summary>How this message's chunk is kept.</summary>
    [JsonPropertyName("d")]
    public ChunkKind Chunk { get; init; }

    /// <summary>Whether nothing can be appended any more.</summary>
    [JsonPropertyName("c")]
    public bool IsClosed { get; init; }

    /// <summary>The batch that closed it, or null.</summary>
    [JsonPropertyName("k")]
    public ProducerMark? ClosedBy { get; init; }

    /// <summary>The last <c>Stream-Seq</c>, or null.</summary>
    [JsonPropertyName("s")]
    public string? WriterSequence { get; init; }

    /// <summary>Producers, the last active one last; at most <see cref="StreamRules.MostProducers"/>.</summary>
    [JsonPropertyName("w")]
    public IReadOnlyList<ProducerMark> Producers { get; init; } = [];

    /// <summary>Where it comes from, or null where it is no fork.</summary>
    [JsonPropertyName("f")]
    public ForkOrigin? Fork { get; init; }

    /// <summary>Forks that read this stream's chunks.</summary>
    [JsonPropertyName("r")]
    public int Forks { get; init; }

    /// <summary>Whether it is being made, and nobody has been told of it.</summary>
    [JsonPropertyName("o")]
    public bool IsUnborn { get; init; }

    /// <summary>Whether it was deleted, and stands only for its forks or until it is purged.</summary>
    [JsonPropertyName("z")]
    public bool IsDeleted { get; init; }

    /// <summary>Sequences of the chunks before this message: newest, then differences.</summary>
    [JsonPropertyName("h")]
    public IReadOnlyList<ulong> Chain { get; init; } = [];

    /// <summary>Sequences of the last chunks before this message at multiples of 16, 256, … positions; 0 where there is none.</summary>
    [JsonPropertyName("j")]
    public IReadOnlyList<ulong> Skips { get; init; } = [];

    /// <summary>Whether it can be read and written.</summary>
    internal bool IsAlive(DateTimeOffset now) => !IsUnborn && !IsDeleted && !IsExpired(now);

    /// <summary>Whether its time is over.</summary>
    internal bool IsExpired(DateTimeOffset now) =>
        (TtlSeconds is { } ttl && now.ToUnixTimeMilliseconds() >= UsedAt + (ttl * 1000))
        || (ExpiresAt is { } text && (!StreamRules.TryReadTime(text, out var end) || now >= end));
}
