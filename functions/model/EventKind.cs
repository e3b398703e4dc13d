namespace ToolRuntime.Functions;

/// <summary>What an event of a call says.</summary>
public enum EventKind
{
    /// <summary>A runtime has begun: <c>{"runtime","epoch"}</c>.</summary>
    Started,

    /// <summary>A piece of the result of a streaming tool: <c>{"value":any}</c> or <c>{"text":string}</c>.</summary>
    Output,

    /// <summary><c>{"progress":number,"total":number?,"message":string?}</c>.</summary>
    Progress,

    /// <summary>A line of stdout, stderr or a log: <c>{"level","stream":"stdout|stderr|log","text"}</c>.</summary>
    Log,

    /// <summary>A raw MCP notification of a server behind the queue: <c>{"method","params"}</c>.</summary>
    Notification,

    /// <summary>The function asks the caller: <c>{"requests":{id: MCP input request}}</c>.</summary>
    InputRequired,

    /// <summary>The function's state was kept: <c>{"reference"}</c> or <c>{"state":any}</c>.</summary>
    Checkpoint,

    /// <summary>Terminal: <c>{"value":any}</c> and/or <c>{"content":[MCP content block]}</c>, or <c>{"reference"}</c> above 512 KiB.</summary>
    Completed,

    /// <summary>Terminal: a <see cref="FunctionFault"/>.</summary>
    Failed,

    /// <summary>What was asked for is no longer kept.</summary>
    Gone,

    /// <summary>What somebody published among the calls of a session: an array of any JSON values.</summary>
    Message,
}
