namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Names of the agent's operations; docs/PROTOCOL.md section 1 gives their members.</summary>
public static class AgentOperation
{
    /// <summary>Starts a process and streams it.</summary>
    public const string Spawn = "spawn";

    /// <summary>Streams a process that runs.</summary>
    public const string Attach = "attach";

    /// <summary>Signals a process and its children.</summary>
    public const string Signal = "signal";

    /// <summary>Lists processes and workers.</summary>
    public const string Processes = "processes";

    /// <summary>Starts a resident worker.</summary>
    public const string WorkerStart = "worker.start";

    /// <summary>Relays a worker's control pipe.</summary>
    public const string WorkerOpen = "worker.open";

    /// <summary>Streams a worker's own stdout and stderr.</summary>
    public const string WorkerOutput = "worker.output";

    /// <summary>Reads a file.</summary>
    public const string FileRead = "fs.read";

    /// <summary>Writes a file.</summary>
    public const string FileWrite = "fs.write";

    /// <summary>Writes a small file in one message, with the folders that it is in.</summary>
    public const string FilePut = "fs.put";

    /// <summary>Lists a folder.</summary>
    public const string FileList = "fs.list";

    /// <summary>Describes a file.</summary>
    public const string FileStat = "fs.stat";

    /// <summary>Removes a file or folder.</summary>
    public const string FileRemove = "fs.remove";

    /// <summary>Renames a file or folder.</summary>
    public const string FileRename = "fs.rename";

    /// <summary>Makes a folder.</summary>
    public const string MakeFolder = "fs.mkdir";

    /// <summary>Connects to a port or Unix socket inside.</summary>
    public const string Dial = "port.dial";

    /// <summary>Changes the environment of processes started later.</summary>
    public const string Environment = "environment";

    /// <summary>Measures the sandbox.</summary>
    public const string Stats = "stats";

    /// <summary>Gets ready for a checkpoint.</summary>
    public const string Suspend = "suspend";
}
