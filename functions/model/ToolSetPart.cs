namespace ToolRuntime.Functions;

/// <summary>Tools of one source in a set.</summary>
/// <param name="Source">The function or server; <c>*</c> for every one.</param>
/// <param name="Tools">Names as clients see them, with <c>*</c> for any run of characters and <c>?</c> for any one; empty for all.</param>
public sealed record ToolSetPart(string Source, IReadOnlyList<string> Tools);
