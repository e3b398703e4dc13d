namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Why the agent refused.</summary>
public static class AgentErrorCode
{
    /// <summary>The request is not understood; the message says which member.</summary>
    public const string BadRequest = "bad_request";

    /// <summary>No such process, worker, file or listener.</summary>
    public const string NotFound = "not_found";

    /// <summary>The id or path is taken.</summary>
    public const string Exists = "exists";

    /// <summary>The sandbox's kernel said no; the message names the error.</summary>
    public const string Failed = "failed";
}
