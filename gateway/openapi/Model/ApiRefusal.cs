namespace ToolRuntime.OpenApi.Model;

/// <summary>An operation that became no tool.</summary>
/// <param name="Code">Why, from a fixed set of names (see <c>RefusalCodes</c>).</param>
/// <param name="Pointer">JSON pointer of what is wrong.</param>
/// <param name="Message">What is wrong, for people.</param>
/// <param name="Hint">How to mend it.</param>
public sealed record ApiRefusal(string Code, string Pointer, string Message, string Hint);
