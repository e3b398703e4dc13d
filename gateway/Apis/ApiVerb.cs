namespace ToolRuntime.Gateway.Apis;

/// <summary>What a tool does with an API.</summary>
public enum ApiVerb
{
    /// <summary>Calls one operation.</summary>
    Operation,

    /// <summary>Looks for operations.</summary>
    Search,

    /// <summary>Describes operations by name.</summary>
    Describe,

    /// <summary>Calls an operation that lists do not show.</summary>
    Call,

    /// <summary>Reads on where a result was cut.</summary>
    Continue,

    /// <summary>Gives the part of a schema that was cut.</summary>
    Expand,

    /// <summary>Runs a script against a typed client of the operations, in a sandbox.</summary>
    Script,
}
