namespace ToolRuntime.Sdk.Compilation;

/// <summary>Documentation comment and place of one method.</summary>
/// <param name="Summary">Summary and remarks, or null.</param>
/// <param name="Returns">What it says of the result, or null.</param>
/// <param name="Parameters">What it says of each parameter.</param>
/// <param name="File">The file, relative to the package's root.</param>
/// <param name="Line">Its line there, from 1.</param>
internal sealed record MethodNotes(string? Summary, string? Returns, IReadOnlyDictionary<string, string> Parameters, string File, int Line);
