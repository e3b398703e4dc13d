using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>An argument with what its schema is made of.</summary>
/// <param name="Binding">Where it goes.</param>
/// <param name="Schema">What it may be.</param>
/// <param name="Description">What the document says beside the schema; empty for nothing.</param>
/// <param name="IsRequired">Whether a call without it is wrong.</param>
/// <param name="IsDeprecated">Whether the document says so beside the schema.</param>
internal sealed record PlannedArgument(ArgumentBinding Binding, ApiSchema Schema, string Description, bool IsRequired, bool IsDeprecated)
{
    /// <summary>Whether a call with any other property of the body is wrong without it: the body may be left out, but not in part.</summary>
    public bool IsRequiredInBody { get; init; }
}
