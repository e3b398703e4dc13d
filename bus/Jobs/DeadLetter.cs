using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Jobs;

/// <summary>A call that was given up.</summary>
/// <param name="Invocation">What was called, with its arguments; secrets are never part of it.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="Attempts">How often it was taken.</param>
/// <param name="At">When it was given up.</param>
public sealed record DeadLetter(Invocation Invocation, string Reason, int Attempts, DateTimeOffset At);

/// <summary>What stands before the invocation in a stored letter.</summary>
internal sealed record DeadLetterHead(string Reason, int Attempts, DateTimeOffset At);
