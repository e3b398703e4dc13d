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

    /// <summary>The disk, or the user's share of it, is full.</summary>
    public const string NoSpace = "no_space";

    /// <summary>A file is needed, and the path is a folder.</summary>
    public const string IsFolder = "is_folder";

    /// <summary>A folder is needed, and the path, or a part of it, is a file.</summary>
    public const string NotFolder = "not_folder";

    /// <summary>Standard input was closed, or never open.</summary>
    public const string Closed = "closed";

    /// <summary>The host's answer to <see cref="EgressRequest"/>: the policy forbids it.</summary>
    public const string Denied = "denied";
}
