namespace ToolRuntime.E2b.Interpreter;

/// <summary>Code to run.</summary>
/// <param name="Text">The code.</param>
/// <param name="Environment">Environment for this execution alone, or null.</param>
public sealed record KernelCode(string Text, IReadOnlyDictionary<string, string>? Environment = null);
