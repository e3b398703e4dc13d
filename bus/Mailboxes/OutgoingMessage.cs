namespace ToolRuntime.Bus.Mailboxes;

/// <summary>A message to send.</summary>
/// <param name="From">Who sends it; it comes from who calls, never from what is said.</param>
/// <param name="Body">UTF-8 of a JSON value.</param>
/// <param name="Key">A second message with the same key is not delivered; null for none.</param>
/// <param name="Age">After this it is not delivered; null for as long as messages are kept.</param>
public sealed record OutgoingMessage(string From, ReadOnlyMemory<byte> Body, string? Key = null, TimeSpan? Age = null);
