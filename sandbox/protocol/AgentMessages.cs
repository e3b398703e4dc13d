namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Names of the agent's operations; docs/PROTOCOL.md section 1 gives their members.</summary>
public static class AgentOperation
{
    /// <summary>Starts a process and streams it.</summary>
    public const string Spawn = "spawn";

    /// <summary>Streams a process that runs.</summary>
    public const string Attach = "attach";

    /// <summary>Writes to a process's standard input or terminal.</summary>
    public const string Input = "stdin";

    /// <summary>Ends a process's standard input.</summary>
    public const string InputEnd = "stdin.close";

    /// <summary>Changes the size of a process's terminal.</summary>
    public const string Resize = "resize";

    /// <summary>Signals a process and its whole tree.</summary>
    public const string Signal = "signal";

    /// <summary>Lists processes and workers.</summary>
    public const string Processes = "processes";

    /// <summary>Starts a resident worker.</summary>
    public const string WorkerStart = "worker.start";

    /// <summary>Gives a worker another id.</summary>
    public const string WorkerRename = "worker.rename";

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

    /// <summary>Makes a link.</summary>
    public const string FileLink = "fs.link";

    /// <summary>Gives a file another owner or mode; in volumes only.</summary>
    public const string FileOwner = "fs.owner";

    /// <summary>Replaces a file's attributes.</summary>
    public const string FileAttributes = "fs.attributes";

    /// <summary>Tells what changes in a folder, until the stream ends.</summary>
    public const string FileWatch = "fs.watch";

    /// <summary>Sends all files that were changed since the sandbox booted, as a tar.</summary>
    public const string FileArchive = "fs.archive";

    /// <summary>Puts the files of such a tar into their places.</summary>
    public const string FileUnpack = "fs.unpack";

    /// <summary>Looks up a user of the sandbox by name.</summary>
    public const string User = "user";

    /// <summary>Connects to a port or Unix socket inside.</summary>
    public const string Dial = "port.dial";

    /// <summary>Changes the environment of processes started later.</summary>
    public const string Environment = "environment";

    /// <summary>Measures the sandbox.</summary>
    public const string Stats = "stats";

    /// <summary>Listens inside as a proxy whose connections are streams to the host.</summary>
    public const string EgressListen = "egress.listen";

    /// <summary>Agent to host, on a stream that the agent opens: a connection to the outside is wanted.</summary>
    public const string Egress = "egress";

    /// <summary>Gets ready for a checkpoint.</summary>
    public const string Suspend = "suspend";
}
