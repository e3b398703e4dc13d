namespace ToolRuntime.Bus.State;

/// <summary>The call that an idempotency key stands for.</summary>
/// <param name="Invocation">Its id.</param>
/// <param name="Session">Its session.</param>
/// <param name="SessionIsExplicit">Whether that lives beyond it.</param>
/// <param name="Owner">The runtime that it was sent to, or null: a second sending says the same.</param>
/// <param name="Digest">SHA-256 of its arguments, lower-case hex.</param>
/// <param name="AcceptedAt">When it was accepted.</param>
/// <param name="Deadline">When it ends at the latest.</param>
public sealed record CallClaim(string Invocation, string Session, bool SessionIsExplicit, string? Owner, string Digest, DateTimeOffset AcceptedAt, DateTimeOffset Deadline);
