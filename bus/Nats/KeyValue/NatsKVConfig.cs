namespace ToolRuntime.Bus.Nats.KeyValue;

/// <summary>How a bucket keeps its entries.</summary>
internal sealed record NatsKVConfig
{
    /// <summary>The bucket's name.</summary>
    public required string Bucket { get; init; }

    /// <summary>Limit of the bucket, bytes.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>Time until an entry goes by itself; zero for never.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>Whether single revisions can be taken out, so that a removed key leaves no marker.</summary>
    public bool AllowsRemoval { get; init; }

    /// <summary>Replicas in a cluster.</summary>
    public int NumberOfReplicas { get; init; } = 1;
}
