namespace ToolRuntime.OpenApi.Faults;

/// <summary>One failure of a call of an API, as data.</summary>
/// <param name="Code">Which of the closed set.</param>
/// <param name="Message">What happened and where, for people and models; no secret.</param>
/// <param name="Hint">How to mend it, or null.</param>
/// <param name="Argument">The argument at fault, where it is one; else null.</param>
public sealed record ApiFault(ApiFaultCode Code, string Message, string? Hint = null, string? Argument = null);
