using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building.Apps;

/// <summary>One function of an app whose trigger is an MCP tool.</summary>
/// <param name="Folder">Its folder, which is its name.</param>
/// <param name="Script">Its file, relative to the app's root.</param>
/// <param name="EntryPoint">The function in it, or null for the language's own choice.</param>
/// <param name="Binding">The parameter that takes the trigger's payload.</param>
/// <param name="Tool">The tool, as its trigger says it.</param>
internal sealed record AppFunction(string Folder, string Script, string? EntryPoint, string Binding, ToolDefinition Tool);
