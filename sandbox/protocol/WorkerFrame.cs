namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Types of worker frames; docs/PROTOCOL.md section 2 gives the payloads.</summary>
public enum WorkerFrameType : byte
{
    /// <summary>Host: load the function.</summary>
    Load = 1,

    /// <summary>Host: run a call.</summary>
    Call = 2,

    /// <summary>Host: cancel a call.</summary>
    Cancel = 3,

    /// <summary>Host: answer to <see cref="HostCall"/>.</summary>
    HostReply = 4,

    /// <summary>Host: exit.</summary>
    Shutdown = 5,

    /// <summary>Worker: may be leased.</summary>
    Ready = 16,

    /// <summary>Worker: the function is loaded.</summary>
    Loaded = 17,

    /// <summary>Worker: the function could not be loaded.</summary>
    LoadFailed = 18,

    /// <summary>Worker: a call's result.</summary>
    Result = 19,

    /// <summary>Worker: a call's error.</summary>
    Error = 20,

    /// <summary>Worker: a piece of a call's result.</summary>
    Output = 21,

    /// <summary>Worker: progress of a call.</summary>
    Progress = 22,

    /// <summary>Worker: lines that were printed or logged.</summary>
    Log = 23,

    /// <summary>Worker: state to keep.</summary>
    Checkpoint = 24,

    /// <summary>Worker: asks the host for something.</summary>
    HostCall = 25,
}
