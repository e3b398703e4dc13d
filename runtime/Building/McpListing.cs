using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building;

/// <summary>What an MCP server said when it was started to be listed.</summary>
/// <param name="Tools">Its tools, by its own names.</param>
/// <param name="Server">Its capabilities and its other lists.</param>
internal sealed record McpListing(IReadOnlyList<ToolDefinition> Tools, ServerSnapshot Server);
