namespace ToolRuntime.Functions;

/// <summary>
/// Asks the gateway which tools the caller of a running function may use: part request <see cref="RequestName"/>, this record as JSON.
/// The answer is <c>{"tools":[MCP tool]}</c>, in the order in which MCP clients see them.
/// </summary>
/// <param name="Caller">The outer invocation's caller.</param>
public sealed record ChildToolList(Caller Caller)
{
    /// <summary>The part request that carries it.</summary>
    public const string RequestName = "gateway.tools";
}
