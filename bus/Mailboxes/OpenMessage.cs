namespace ToolRuntime.Bus.Mailboxes;

/// <summary>A message that a receiver has.</summary>
internal sealed record OpenMessage(ulong Sequence, string Lease, DateTimeOffset Until, int Deliveries, string? Key)
{
    /// <summary>Whether its body lies elsewhere, and goes with it.</summary>
    public bool IsLarge { get; init; }
}
