namespace ToolRuntime.Bus.Mailboxes;

/// <summary>Bounds of mailboxes; section <c>toolruntime.mailboxes</c> of host.json.</summary>
public sealed record MailboxOptions
{
    /// <summary>Most messages of one mailbox; then senders are refused.</summary>
    public int MaximumMessages { get; init; } = 1_000;

    /// <summary>Deliveries without an acknowledgement after which a message is a dead letter.</summary>
    public int MaximumDeliveries { get; init; } = 5;

    /// <summary>Largest body, bytes of JSON.</summary>
    public int MaximumBodyBytes { get; init; } = 16 << 20;

    /// <summary>How long messages and dead letters are kept.</summary>
    public TimeSpan MaximumAge { get; init; } = TimeSpan.FromHours(24);
}
