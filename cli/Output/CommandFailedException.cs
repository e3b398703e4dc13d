namespace ToolRuntime.Cli.Output;

/// <summary>Ends a command with a message for people and an exit code.</summary>
internal sealed class CommandFailedException(int exitCode, string message, string? hint = null) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public string? Hint { get; } = hint;

    /// <summary>HTTP status of the refusal, where it was one.</summary>
    public int? Status { get; init; }
}
