namespace ToolRuntime.Sandbox.Agent.Shell;

/// <summary>A script that cannot be made a tool: where, and how to mend it.</summary>
internal sealed class ShellHeaderException(int line, string message) : Exception(message)
{
    internal int Line { get; } = line;
}
