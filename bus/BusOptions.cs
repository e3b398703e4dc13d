using ToolRuntime.Bus.Mailboxes;
using ToolRuntime.Bus.State;
using ToolRuntime.Bus.Streams;

namespace ToolRuntime.Bus;

/// <summary>How a process reaches the bus. Section <c>toolruntime.bus</c> of host.json; credentials only from a 0600 file.</summary>
public sealed record BusOptions
{
    private const int TopicClasses = 2;
    private const int StreamClasses = 2;
    private const int StateBuckets = 11;

    /// <summary>Server addresses, <c>nats://host:port</c>, tried in order.</summary>
    public IReadOnlyList<string> Servers { get; init; } = ["nats://127.0.0.1:4222"];

    /// <summary>User name, or null where the server asks for none.</summary>
    public string? User { get; init; }

    /// <summary>File (mode 0600) whose first line is the password, or null.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>File (mode 0600) with a <c>.creds</c> file, an nkey seed or a token, or null.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>PEM file of the authorities that <c>tls://</c> servers are trusted by, in place of the system's; or null.</summary>
    public string? TlsCaFile { get; init; }

    /// <summary>PEM file of the client's certificate for TLS, or null.</summary>
    public string? TlsCertificateFile { get; init; }

    /// <summary>PEM file of that certificate's key, or null.</summary>
    public string? TlsKeyFile { get; init; }

    /// <summary>Time between two canaries, by which the server is watched.</summary>
    public TimeSpan CanaryInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one may take to be stored.</summary>
    public TimeSpan CanaryDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of one.</summary>
    public int CanaryBytes { get; init; } = 4096;

    /// <summary>Folder of the server's files where it is this process's child, or null.</summary>
    public string? StoreFolder { get; init; }

    /// <summary>Free bytes below which the disk of <see cref="StoreFolder"/> counts as full.</summary>
    public long DiskHeadroomBytes { get; init; } = 64L << 20;

    /// <summary>Name of this process on the server's connection list.</summary>
    public string ClientName { get; init; } = "toolrt";

    /// <summary>Limit of the invocation stream, bytes.</summary>
    public long QueueBytes { get; init; } = 1L << 30;

    /// <summary>Limit of each session stream, bytes.</summary>
    public long SessionBytes { get; init; } = 2L << 30;

    /// <summary>Limit of each stream of the classes that only durable streams use, and of their large chunks, bytes.</summary>
    public long StreamBytes { get; init; } = 512L << 20;

    /// <summary>Limit of stored packages and layers, bytes; the same again for large payloads.</summary>
    public long ObjectBytes { get; init; } = 8L << 30;

    /// <summary>Limit of the audit stream, bytes; the oldest entries go first.</summary>
    public long AuditBytes { get; init; } = 1L << 30;

    /// <summary>Limit of what functions print, bytes; the oldest lines go first.</summary>
    public long LogBytes { get; init; } = 256L << 20;

    /// <summary>Limit of what is known of deployed functions, bytes; about 2 KB each.</summary>
    public long CatalogBytes { get; init; } = 512L << 20;

    /// <summary>Limit of each other state bucket and of the dead letters, bytes.</summary>
    public long StateBytes { get; init; } = 256L << 20;

    /// <summary>Bounds of what sessions and tenants remember.</summary>
    public StateOptions State { get; init; } = new();

    /// <summary>Limit of each stream of mailboxes, bytes; there is one for each partition.</summary>
    public long MailboxBytes { get; init; } = 256L << 20;

    /// <summary>Bounds of mailboxes.</summary>
    public MailboxOptions Mailboxes { get; init; } = new();

    /// <summary>Hash partitions of each class of session streams, 1 to 16.</summary>
    public int Partitions { get; init; } = 4;

    /// <summary>Replicas of every stream, 1 to 5; above 1 only in a cluster.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Most consumers of the invocation stream, 10 to 10,000; a server's other consumers are few. Takes effect where the stream is made.</summary>
    public int MaximumConsumers { get; init; } = 450;

    /// <summary>Address of this machine that other processes reach its pipes at; loopback serves one machine.</summary>
    public string PipeHost { get; init; } = "127.0.0.1";

    /// <summary>Unacknowledged deliveries are given to another runtime after this time.</summary>
    public TimeSpan AckDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bounds of durable streams.</summary>
    public StreamOptions Streams { get; init; } = new();

    /// <summary>A part that says nothing of a request for so long is taken for gone; it gives a sign of life five times in it.</summary>
    public TimeSpan PartSilence { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Whether this process supervises the server. Only then do streams that stand get these limits: who joins a server makes what is missing, and
    /// leaves the rest to whoever runs it.
    /// </summary>
    public bool SupervisesServer { get; init; }

    /// <summary>Bytes that the server must have for all limits, because it reserves each in full.</summary>
    public long TotalBytes => QueueBytes + (SessionBytes * Partitions * TopicClasses) + (StreamBytes * ((Partitions * StreamClasses) + 1)) + (MailboxBytes * Partitions) + (ObjectBytes * 2) + AuditBytes + LogBytes + CatalogBytes + (StateBytes * StateBuckets);

    /// <summary>The same with every limit made smaller in proportion, where they do not fit <paramref name="budget"/> bytes.</summary>
    public BusOptions ScaledTo(long budget)
    {
        var share = Math.Min(1.0, budget / (double)TotalBytes);
        long Part(long bytes) => Math.Max(1024 * 1024, (long)(bytes * share));
        return this with
        {
            QueueBytes = Part(QueueBytes),
            SessionBytes = Part(SessionBytes),
            StreamBytes = Part(StreamBytes),
            ObjectBytes = Part(ObjectBytes),
            AuditBytes = Part(AuditBytes),
            LogBytes = Part(LogBytes),
            CatalogBytes = Part(CatalogBytes),
            StateBytes = Part(StateBytes),
            MailboxBytes = Part(MailboxBytes),
        };
    }
}
