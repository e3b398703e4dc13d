namespace ToolRuntime.Functions;

/// <summary>One failure of a call, as data.</summary>
/// <param name="Code">Which of the closed set.</param>
/// <param name="Message">What happened and where, one or two sentences, no secret, at most 4 KiB.</param>
/// <param name="Hint">How to mend it, or null.</param>
/// <param name="Detail">More text, such as a stack trace or a package manager's output, at most 16 KiB, or null.</param>
public sealed record FunctionFault(FaultCode Code, string Message, string? Hint = null, string? Detail = null);
