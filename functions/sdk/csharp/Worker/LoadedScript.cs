using System.Text.Json.Nodes;

using ToolRuntime.Sdk.Scripts;

namespace ToolRuntime.Sdk.Worker;

/// <summary>A script that answers calls.</summary>
/// <param name="Request">What it was loaded with.</param>
/// <param name="Tools">Its tools by entry.</param>
/// <param name="Definitions">Their ToolDefinitions, where they were asked for.</param>
/// <param name="Warnings">Things to know.</param>
internal sealed record LoadedScript(LoadRequest Request, IReadOnlyDictionary<string, ScriptTool> Tools, JsonArray? Definitions, IReadOnlyList<string> Warnings)
{
    /// <summary>Calls that may start; the others wait their turn.</summary>
    public SemaphoreSlim Slots { get; } = new(Request.Concurrency, Request.Concurrency);
}
