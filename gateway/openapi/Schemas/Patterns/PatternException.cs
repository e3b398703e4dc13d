namespace ToolRuntime.OpenApi.Schemas.Patterns;

/// <summary>A pattern that cannot be kept; never leaves this folder.</summary>
internal sealed class PatternException(string message) : Exception(message);
