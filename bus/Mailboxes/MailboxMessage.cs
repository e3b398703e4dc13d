namespace ToolRuntime.Bus.Mailboxes;

/// <summary>A message as a receiver gets it.</summary>
/// <param name="Id">Names this delivery: what is acknowledged.</param>
/// <param name="From">Who sent it.</param>
/// <param name="Body">UTF-8 of a JSON value.</param>
/// <param name="Sent">When it was stored.</param>
/// <param name="Deliveries">1 for the first.</param>
/// <param name="ReplyTo">Where an answer goes, or null.</param>
public sealed record MailboxMessage(string Id, string From, ReadOnlyMemory<byte> Body, DateTimeOffset Sent, int Deliveries, string? ReplyTo);
