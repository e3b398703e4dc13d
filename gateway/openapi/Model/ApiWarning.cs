namespace ToolRuntime.OpenApi.Model;

/// <summary>Something in a document that is wrong, and that reading went around.</summary>
/// <param name="Code">What kind, from a fixed set of names (see <see cref="WarningCodes"/>).</param>
/// <param name="Pointer">JSON pointer of what is wrong.</param>
/// <param name="Message">What is wrong and what was done, for people.</param>
public sealed record ApiWarning(string Code, string Pointer, string Message);
