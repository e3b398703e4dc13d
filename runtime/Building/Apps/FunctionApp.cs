using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building.Apps;

/// <summary>A folder in the schema of Azure Functions, of which each function is one tool.</summary>
/// <param name="Language">The one language of its functions: Python or JavaScript.</param>
/// <param name="Functions">Its functions that are not disabled, at least one, by name.</param>
internal sealed record FunctionApp(FunctionLanguage Language, IReadOnlyList<AppFunction> Functions)
{
    /// <summary>The adapter's file, which the worker loads.</summary>
    public string Entry => Language == FunctionLanguage.Python ? "_toolrt_app.py" : "_toolrt_app.mjs";

    /// <summary>The name to deploy under where nobody says one: that of the only function, or null.</summary>
    public string? Name => Functions.Count == 1 ? Functions[0].Folder : null;

    /// <summary>The tools, each with the name by which the worker finds it in the adapter.</summary>
    public IReadOnlyList<ToolDefinition> Tools =>
        [.. Functions.Select((f, i) => f.Tool with { Entry = Language == FunctionLanguage.Python ? $"tool_{i}" : $"tools.{i}({{}},ctx)" })];
}
