namespace ToolRuntime.Bus.Nats;

/// <summary>How a connection behaves. Names as in NATS.Net; defaults are ours where a dead peer must be noticed sooner.</summary>
internal sealed record NatsOpts
{
    /// <summary>Server addresses, <c>nats://host:port</c>, tried in order.</summary>
    public IReadOnlyList<string> Servers { get; init; } = ["nats://127.0.0.1:4222"];

    /// <summary>Name on the server's connection list.</summary>
    public string Name { get; init; } = "toolrt";

    /// <summary>User and password, or nulls.</summary>
    public NatsAuthOpts AuthOpts { get; init; } = new();

    /// <summary>TLS; used where an address begins with <c>tls://</c>.</summary>
    public NatsTlsOpts TlsOpts { get; init; } = new();

    /// <summary>Bytes that wait to be sent before publishers wait.</summary>
    public int WriterBufferSize { get; init; } = 8 * 1024 * 1024;

    /// <summary>Longest message that is taken from the server, bytes.</summary>
    public int MaxPayloadHardCap { get; init; } = 64 * 1024 * 1024;

    /// <summary>Time between pings.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Pings without an answer until the connection counts as dead.</summary>
    public int MaxPingOut { get; init; } = 2;

    /// <summary>Longest time for TCP connect and handshake, each.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest time for an answer where the caller names none.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>First wait before a reconnect; doubled each time.</summary>
    public TimeSpan ReconnectWaitMin { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait before a reconnect.</summary>
    public TimeSpan ReconnectWaitMax { get; init; } = TimeSpan.FromSeconds(1);
}
