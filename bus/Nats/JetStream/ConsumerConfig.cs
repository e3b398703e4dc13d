using System.Text.Json.Serialization;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>A consumer's configuration; names as on the wire.</summary>
internal sealed record ConsumerConfig
{
    [JsonPropertyName("durable_name")]
    public string? DurableName { get; init; }

    /// <summary><c>all</c>, <c>new</c>, <c>last_per_subject</c>, <c>by_start_sequence</c>.</summary>
    [JsonPropertyName("deliver_policy")]
    public string DeliverPolicy { get; init; } = "all";

    [JsonPropertyName("opt_start_seq")]
    public ulong? OptStartSeq { get; init; }

    /// <summary><c>explicit</c> or <c>none</c>.</summary>
    [JsonPropertyName("ack_policy")]
    public string AckPolicy { get; init; } = "explicit";

    /// <summary>Nanoseconds.</summary>
    [JsonPropertyName("ack_wait")]
    public long? AckWait { get; init; }

    /// <summary>Nanoseconds until the second, third … delivery, the last for all later ones; null for the ack wait each time.</summary>
    [JsonPropertyName("backoff")]
    public IReadOnlyList<long>? BackOff { get; init; }

    [JsonPropertyName("max_deliver")]
    public int MaxDeliver { get; init; } = -1;

    [JsonPropertyName("filter_subject")]
    public string? FilterSubject { get; init; }

    [JsonPropertyName("replay_policy")]
    public string ReplayPolicy { get; init; } = "instant";

    [JsonPropertyName("max_ack_pending")]
    public int? MaxAckPending { get; init; }

    [JsonPropertyName("max_waiting")]
    public int? MaxWaiting { get; init; }

    /// <summary>Literal subject of a push consumer; a wildcard never activates it.</summary>
    [JsonPropertyName("deliver_subject")]
    public string? DeliverSubject { get; init; }

    /// <summary>Nanoseconds.</summary>
    [JsonPropertyName("idle_heartbeat")]
    public long? IdleHeartbeat { get; init; }

    [JsonPropertyName("flow_control")]
    public bool? FlowControl { get; init; }

    /// <summary>Nanoseconds without interest until the server removes it.</summary>
    [JsonPropertyName("inactive_threshold")]
    public long? InactiveThreshold { get; init; }

    [JsonPropertyName("headers_only")]
    public bool? HeadersOnly { get; init; }

    [JsonPropertyName("mem_storage")]
    public bool? MemStorage { get; init; }

    [JsonPropertyName("num_replicas")]
    public int NumReplicas { get; init; }
}
