namespace ToolRuntime.Bus.Pipes;

/// <summary>What a pipe leads to in the session's sandbox.</summary>
public enum PipeTarget
{
    /// <summary>A process: argument is its id.</summary>
    Process,

    /// <summary>The TCP port on the sandbox's loopback that an MCP server's manifest names: argument is <c>{function}@{version}</c>.</summary>
    Port,

    /// <summary>A Unix socket's path.</summary>
    UnixSocket,

    /// <summary>A file's path.</summary>
    File,

    /// <summary>An MCP server over stdio: argument is <c>{function}@{version}</c>; one line of JSON per message.</summary>
    Mcp,

    /// <summary>
    /// The agent of a sandbox that callers drive, whose id is the session: the pipe is one stream of its channel, which begins with the opener's
    /// request (docs/PROTOCOL.md, section 1). The argument is empty.
    /// </summary>
    Agent,

    /// <summary>
    /// The files of a volume, whose id is the session: the pipe begins with the opener's request, one of the agent's operations on files, with
    /// paths from the volume's root, and goes on as it does there. The argument is empty.
    /// </summary>
    Volume,
}
