namespace ToolRuntime.OpenApi.Schemas;

/// <summary>What a schema describes.</summary>
internal enum SchemaSide
{
    /// <summary>Arguments: without what only the server writes.</summary>
    Input,

    /// <summary>Results: without what only the client writes, and open to members that the API gets later.</summary>
    Output,
}
