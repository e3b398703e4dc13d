namespace ToolRuntime.Bus.Mailboxes;

/// <summary>
/// What receivers of a mailbox have agreed on, in one entry that is swapped whole: every message below <see cref="Next"/> is done, or open.
/// Where the entry is lost, what was not acknowledged comes again, since an acknowledgement removes its message.
/// </summary>
internal sealed record MailboxState
{
    private const int MostSeen = 256;

    /// <summary>The first sequence that nobody has had.</summary>
    public ulong Next { get; init; } = 1;

    /// <summary>Messages under lease, or whose lease has run out; the earliest first.</summary>
    public IReadOnlyList<OpenMessage> Open { get; init; } = [];

    /// <summary>Keys of the last messages, for senders that try again after the server has forgotten their first attempt.</summary>
    public IReadOnlyList<string> Seen { get; init; } = [];

    /// <summary>The messages whose time is up at <paramref name="now"/>.</summary>
    public IEnumerable<OpenMessage> Overdue(DateTimeOffset now) => Open.Where(o => o.Until <= now);

    /// <summary>When the next lease runs out, or null.</summary>
    public DateTimeOffset? NextOverdue => Open.Count == 0 ? null : Open.Min(o => o.Until);

    /// <summary>Whether a message with this key was handed out.</summary>
    public bool Knows(string? key) => key is not null && Seen.Contains(key, StringComparer.Ordinal);

    /// <summary>After a message was handed out.</summary>
    public MailboxState Taken(OpenMessage message) => Without([message.Sequence]) with
    {
        Next = Math.Max(Next, message.Sequence + 1),
        Open = [.. Open.Where(o => o.Sequence < message.Sequence), message, .. Open.Where(o => o.Sequence > message.Sequence)],
        Seen = message.Key is null || Knows(message.Key) ? Seen : [.. Seen.TakeLast(MostSeen - 1), message.Key],
    };

    /// <summary>After messages were done, or passed over.</summary>
    public MailboxState Without(IReadOnlyCollection<ulong> sequences) => this with
    {
        Next = sequences.Count == 0 ? Next : Math.Max(Next, sequences.Max() + 1),
        Open = [.. Open.Where(o => !sequences.Contains(o.Sequence))],
    };

    /// <summary>The messages of the ids that their receiver still has: nobody else has taken them since.</summary>
    public IReadOnlyDictionary<string, OpenMessage> Held(IReadOnlyList<string> ids) =>
        Open.Where(o => ids.Contains(IdOf(o), StringComparer.Ordinal)).ToDictionary(IdOf, StringComparer.Ordinal);

    /// <summary>The id of a delivery.</summary>
    public static string IdOf(OpenMessage message) => $"{message.Sequence}-{message.Lease}";
}
