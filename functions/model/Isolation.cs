using System.Text.Json.Serialization;

namespace ToolRuntime.Functions;

/// <summary>Which calls may share one sandbox.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Isolation>))]
public enum Isolation
{
    /// <summary>All calls of one tenant to one version of the function share sandboxes. Module state is shared.</summary>
    Function,

    /// <summary>Each session has its own.</summary>
    Session,

    /// <summary>Each call has its own, never reused.</summary>
    Request,
}
