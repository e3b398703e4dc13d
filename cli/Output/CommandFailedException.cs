namespace ToolRuntime.Cli.Output;

/// <summary>Ends a command with a message for people and an exit code.</summary>
internal sealed class CommandFailedException(int exitCode, string message, string? hint = null) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public string? Hint { get; } = hint;
}
