using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>Which callers share one session of a remote MCP server.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RemoteSessions>))]
public enum RemoteSessions
{
    /// <summary>Each session has its own, and each caller without a session one.</summary>
    Session,

    /// <summary>Each caller has one, whatever the session.</summary>
    Caller,

    /// <summary>All callers of the tenant share one.</summary>
    Tenant,
}
