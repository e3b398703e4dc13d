namespace ToolRuntime.Bus.Streams;

/// <summary>Bounds of durable streams. Section <c>toolruntime.streams</c> of host.json.</summary>
public sealed record StreamOptions
{
    /// <summary>Largest body of one append, bytes, 1 to 64 MiB.</summary>
    public int LargestAppendBytes { get; init; } = 16 << 20;

    /// <summary>Largest stream, bytes of its own chunks.</summary>
    public long LargestStreamBytes { get; init; } = 256L << 20;

    /// <summary>Streams of one tenant; counted anew every half minute where they come near, else every five.</summary>
    public int MostStreamsOfTenant { get; init; } = 100_000;

    /// <summary>Readers that wait for one stream in one gateway.</summary>
    public int MostReadersOfStream { get; init; } = 10_000;

    /// <summary>Bytes of one answer; one chunk is always given whole.</summary>
    public int PageBytes { get; init; } = 4 << 20;

    /// <summary>Longest wait of a long poll.</summary>
    public TimeSpan LongPoll { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Longest life of an answer of server-sent events; the client comes again at its offset.</summary>
    public TimeSpan EventStream { get; init; } = TimeSpan.FromSeconds(60);
}
