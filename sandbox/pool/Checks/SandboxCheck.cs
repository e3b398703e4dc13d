namespace ToolRuntime.Sandbox.Checks;

/// <summary>One finding of <c>toolrt doctor</c>.</summary>
/// <param name="Name">What was looked at, two or three words.</param>
/// <param name="Outcome">How it is.</param>
/// <param name="Message">What was found.</param>
/// <param name="Mend">What to do, or null when there is nothing.</param>
public sealed record SandboxCheck(string Name, CheckOutcome Outcome, string Message, string? Mend = null);
