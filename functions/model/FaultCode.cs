using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>The closed set of ways in which a call can fail. Mapped to JSON-RPC and ProblemDetails in one place, in the gateway.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultCode>))]
public enum FaultCode
{
    /// <summary>The arguments do not fit the tool's input schema; the message names the path.</summary>
    InvalidArguments,

    /// <summary>No tool of that name may be used by the caller.</summary>
    ToolNotFound,

    /// <summary>The policy said no.</summary>
    Denied,

    /// <summary>The function raised an error of its own.</summary>
    FunctionThrew,

    /// <summary>The function's code could not be loaded (syntax, import, missing export).</summary>
    LoadFailed,

    /// <summary>The worker process ended while it ran the call (exit, signal, kill).</summary>
    WorkerLost,

    /// <summary>The sandbox ended while it ran the call.</summary>
    SandboxLost,

    /// <summary>The sandbox was ended for using more memory than its limit.</summary>
    SandboxOutOfMemory,

    /// <summary>The runtime that ran the call died, and the call may not be repeated.</summary>
    RuntimeLost,

    /// <summary>The deadline passed.</summary>
    DeadlineExceeded,

    /// <summary>The caller, or the caller of an outer call, cancelled.</summary>
    Cancelled,

    /// <summary>A result or a line of output was larger than its limit.</summary>
    OutputTooLarge,

    /// <summary>No sandbox became free in time; the message says the position and the estimate.</summary>
    PoolExhausted,

    /// <summary>A tenant's or function's limit was reached.</summary>
    QuotaExceeded,

    /// <summary>The idempotency key stands for another call of the tool.</summary>
    IdempotencyMismatch,

    /// <summary>Tools call tools deeper than the limit.</summary>
    CallTooDeep,

    /// <summary>A tool called itself through others; the message holds the chain.</summary>
    CallCycle,

    /// <summary>A deployment was refused; the message says what, where and how to mend.</summary>
    DeployRefused,

    /// <summary>A package manager failed while installing dependencies; the detail is its output.</summary>
    DependencyFailed,

    /// <summary>A sandbox cannot be suspended, and lives on, or a checkpoint not restored; the message says why. A session goes on from its files.</summary>
    CheckpointRefused,

    /// <summary>Something behind the gateway (an API, an MCP server) failed.</summary>
    UpstreamFailed,

    /// <summary>There is no sandbox, snapshot, volume or secret of that id or name for the caller.</summary>
    SandboxNotFound,

    /// <summary>The sandbox, volume or secret is in a state in which that cannot be done; the message says which.</summary>
    SandboxConflict,

    /// <summary>The sandbox's backend cannot do that; the message says what can.</summary>
    NotSupported,

    /// <summary>The bus could not be reached in time.</summary>
    BusUnavailable,

    /// <summary>A bug of ours; the log has the same invocation id.</summary>
    Internal,
}
