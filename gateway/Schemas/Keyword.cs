using System.Text.Json;

namespace ToolRuntime.Gateway.Schemas;

/// <summary>One compiled keyword.</summary>
internal abstract class Keyword
{
    /// <summary>Whether <paramref name="instance"/> fits; where not, the run was told why.</summary>
    public abstract bool Evaluate(JsonElement instance, SchemaRun run, EvaluatedParts? parts);
}
