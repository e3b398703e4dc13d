using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>A stream's configuration; names as on the wire.</summary>
internal sealed record StreamConfig
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("subjects")]
    public required IReadOnlyList<string> Subjects { get; init; }

    /// <summary><c>limits</c> or <c>workqueue</c>.</summary>
    [JsonPropertyName("retention")]
    public string Retention { get; init; } = "limits";

    /// <summary><c>file</c> or <c>memory</c>.</summary>
    [JsonPropertyName("storage")]
    public string Storage { get; init; } = "file";

    /// <summary><c>old</c> or <c>new</c>.</summary>
    [JsonPropertyName("discard")]
    public string Discard { get; init; } = "old";

    /// <summary>Whether <see cref="Discard"/> holds for <see cref="MaxMsgsPerSubject"/> as well.</summary>
    [JsonPropertyName("discard_new_per_subject")]
    public bool DiscardNewPerSubject { get; init; }

    [JsonPropertyName("max_bytes")]
    public required long MaxBytes { get; init; }

    [JsonPropertyName("max_msgs_per_subject")]
    public long MaxMsgsPerSubject { get; init; } = -1;

    /// <summary>Nanoseconds, 0 for ever.</summary>
    [JsonPropertyName("max_age")]
    public long MaxAge { get; init; }

    /// <summary>Nanoseconds.</summary>
    [JsonPropertyName("duplicate_window")]
    public long DuplicateWindow { get; init; } = 120_000_000_000;

    [JsonPropertyName("num_replicas")]
    public int NumReplicas { get; init; } = 1;

    [JsonPropertyName("max_consumers")]
    public int MaxConsumers { get; init; } = -1;

    [JsonPropertyName("max_msgs")]
    public long MaxMsgs { get; init; } = -1;

    [JsonPropertyName("max_msg_size")]
    public int MaxMsgSize { get; init; } = -1;

    [JsonPropertyName("allow_direct")]
    public bool AllowDirect { get; init; }

    [JsonPropertyName("allow_rollup_hdrs")]
    public bool AllowRollup { get; init; }

    [JsonPropertyName("deny_delete")]
    public bool DenyDelete { get; init; }

    [JsonPropertyName("republish")]
    public Republish? Republish { get; init; }

    /// <summary>The field without which a stream that was made does not serve, or null; a server drops what it does not know without a word.</summary>
    public string? Missing(StreamConfig? made) => made switch
    {
        null => "configuration",
        _ when !Subjects.SequenceEqual(made.Subjects, StringComparer.Ordinal) => "subjects",
        _ when Retention != made.Retention => "retention",
        _ when AllowDirect && !made.AllowDirect => "allow_direct",
        _ when Republish is not null && made.Republish is null => "republish",
        _ when Discard != made.Discard => "discard",
        _ => null,
    };

    /// <summary>Whether what can be changed later is the same.</summary>
    public bool HasLimitsOf(StreamConfig? other) =>
        other is not null && MaxBytes == other.MaxBytes && MaxAge == other.MaxAge && MaxMsgsPerSubject == other.MaxMsgsPerSubject && NumReplicas == other.NumReplicas;
}
