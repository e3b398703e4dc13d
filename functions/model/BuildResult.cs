namespace ToolRuntime.Functions;

/// <summary>What a build made.</summary>
/// <param name="Version">The version, not yet active.</param>
/// <param name="Warnings">Things to know, such as an argument without a type.</param>
public sealed record BuildResult(FunctionVersion Version, IReadOnlyList<string> Warnings);
