namespace ToolRuntime.Functions;

/// <summary>A request to make a version out of an uploaded package. Runs as an invocation of the system function <see cref="FunctionName"/>.</summary>
public sealed record BuildRequest
{
    /// <summary>The system function that builds; no user's function can have this name.</summary>
    public const string FunctionName = "_build";

    /// <summary>Digest of the uploaded tar in the package store; empty for an MCP server without files.</summary>
    public required string PackageDigest { get; init; }

    /// <summary>The name to deploy under; null takes it from the file.</summary>
    public string? Name { get; init; }

    /// <summary>The folder's name where one was packed, for a package that says no name itself.</summary>
    public string? Folder { get; init; }

    /// <summary>Command line of an MCP server, or null.</summary>
    public IReadOnlyList<string>? McpCommand { get; init; }

    /// <summary>Members of the manifest that the command line set, as a JSON object; they win over the package's.</summary>
    public string? ManifestOverrides { get; init; }
}
