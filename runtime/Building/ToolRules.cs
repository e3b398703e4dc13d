using System.Text.Json;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Building;

/// <summary>Looks at the tools that code gave: a guest wrote them.</summary>
internal static class ToolRules
{
    private const int MaximumTools = 1_000;

    /// <summary>Refuses, with every reason, what cannot be listed.</summary>
    /// <exception cref="FunctionFaultException">DeployRefused.</exception>
    public static IReadOnlyList<ToolDefinition> Check(string where, IReadOnlyList<ToolDefinition>? tools)
    {
        if (tools is null or { Count: 0 })
        {
            throw BuildFailure.Refused($"{where}: no function was found in it", "export or define at least one function; names that begin with _ are private");
        }

        List<string> errors = [];
        if (tools.Count > MaximumTools)
        {
            errors.Add($"{tools.Count} tools, at most {MaximumTools}");
        }

        errors.AddRange(tools.Where(t => !Names.IsTool(t.Name)).Select(t => $"\"{t.Name}\" is not a tool's name; use 1 to 128 letters, digits, _, - or ."));
        errors.AddRange(tools.GroupBy(t => t.Name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => $"{g.Count()} tools are named {g.Key}; rename all but one"));
        errors.AddRange(tools.Where(t => !IsObjectSchema(t.InputSchema)).Select(t => $"{t.Name}: its input schema is not an object schema"));
        return errors.Count > 0 ? throw BuildFailure.Refused(where, errors) : tools;
    }

    private static bool IsObjectSchema(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "object";
}
