namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>What a container has of its host.</summary>
internal sealed record HostConfig
{
    public required string Runtime { get; init; }

    public IReadOnlyList<string> Binds { get; init; } = [];

    public string NetworkMode { get; init; } = "none";

    public required LogConfig LogConfig { get; init; }

    public long Memory { get; init; }

    public long MemorySwap { get; init; }

    public long NanoCpus { get; init; }

    public long? PidsLimit { get; init; }

    public IReadOnlyList<string> CapDrop { get; init; } = [];

    public IReadOnlyList<string> CapAdd { get; init; } = [];

    public IReadOnlyList<string> SecurityOpt { get; init; } = [];

    public IReadOnlyDictionary<string, string> Tmpfs { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyList<Ulimit> Ulimits { get; init; } = [];
}
