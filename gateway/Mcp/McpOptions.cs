namespace ToolRuntime.Gateway.Mcp;

/// <summary>Bounds of <c>/mcp</c> and of the plain HTTP face.</summary>
public sealed record McpOptions
{
    /// <summary>Largest request body, bytes.</summary>
    public int MaximumBodyBytes { get; init; } = 32 * 1024 * 1024;
}
