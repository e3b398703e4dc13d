using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>The definitions that all tools of one API share.</summary>
internal sealed class SchemaTables
{
    public SchemaTables(ApiFormat format) =>
        (Input, Output) = (new DefinitionTable(format, SchemaSide.Input, Notes), new DefinitionTable(format, SchemaSide.Output, Notes));

    /// <summary>What was dropped from schemas that were written so far.</summary>
    public SchemaNotes Notes { get; } = new();

    public DefinitionTable Input { get; }

    public DefinitionTable Output { get; }
}
