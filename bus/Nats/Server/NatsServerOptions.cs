namespace ToolRuntime.Bus.Nats.Server;

/// <summary>How the supervised server is run.</summary>
public sealed record NatsServerOptions
{
    /// <summary>Folder for everything that the server keeps; made with mode 0700.</summary>
    public required string Folder { get; init; }

    /// <summary>Port on loopback; 0 takes that of the last time, or a free one.</summary>
    public int Port { get; init; }

    /// <summary>Program to run; null looks for <c>nats-server</c> on PATH.</summary>
    public string? Program { get; init; }

    /// <summary>Most bytes that JetStream may store; null takes half of what is free, at most 16 GiB.</summary>
    public long? MaximumBytes { get; init; }

    /// <summary>Longest time until it is ready.</summary>
    public TimeSpan ReadyTime { get; init; } = TimeSpan.FromSeconds(30);
}
