using Microsoft.AspNetCore.Http;

namespace ToolRuntime.Gateway.Admin;

/// <summary>One operation of the management API: what is mapped and what the OpenAPI document says, from one place.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path template below the root.</param>
/// <param name="Id">The operation's id.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Handler">Serves a request that was let in.</param>
public sealed record AdminRoute(string Method, string Path, string Id, string Summary, Func<HttpContext, Task> Handler)
{
    /// <summary>Query parameters: name and description.</summary>
    public IReadOnlyList<(string Name, string Description)> Query { get; init; } = [];

    /// <summary>Media types of the request body; empty for none.</summary>
    public IReadOnlyList<string> Consumes { get; init; } = [];

    /// <summary>Media types of the answer; empty for 204.</summary>
    public IReadOnlyList<string> Produces { get; init; } = ["application/json"];
}
