namespace ToolRuntime.Sdk.Scripts;

/// <summary>A script that cannot be loaded, as LOAD_FAILED says it.</summary>
internal sealed class ScriptFault(string message, string? detail = null, int? line = null) : Exception(message)
{
    /// <summary>Every diagnostic, or the stack trace, or null.</summary>
    public string? Detail { get; } = detail;

    /// <summary>The line of the entry file, from 1, or null.</summary>
    public int? Line { get; } = line;
}
