using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Schemas;

namespace ToolRuntime.Gateway.Admin;

/// <summary>What a version must be before a name may stand for it.</summary>
public static class VersionCheck
{
    /// <summary>Its tools have right names, each once, and schemas that can be used.</summary>
    /// <exception cref="FunctionFaultException">One does not; says which and how to mend it.</exception>
    public static void Tools(FunctionVersion version)
    {
        foreach (var tool in version.Tools)
        {
            if (!Functions.Names.IsTool(tool.Name))
            {
                throw Refuse($"the tool name '{tool.Name}' is not 1 to 128 of A-Z a-z 0-9 _ - .", "rename it");
            }

            if (version.Manifest.Language != FunctionLanguage.Mcp)
            {
                CheckSchema(tool);
            }
        }

        if (version.Tools.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw Refuse($"'{version.Manifest.Name}' has two tools named '{twice.Key}'", "rename one of them");
        }
    }

    /// <summary>None of its tools' names belongs to another function of the tenant.</summary>
    /// <exception cref="FunctionFaultException">One does; names both functions.</exception>
    public static void Names(FunctionVersion version, IReadOnlyList<string> names, TenantTools tools)
    {
        foreach (var name in names)
        {
            if (tools.Find(name) is { } other && other.Version.Manifest.Name != version.Manifest.Name)
            {
                throw Refuse(
                    $"the tool name '{name}' of '{version.Manifest.Name}' is taken by the function '{other.Version.Manifest.Name}'",
                    "rename the tool, or remove the other function first");
            }
        }
    }

    private static void CheckSchema(ToolDefinition tool)
    {
        try
        {
            JsonSchema.Compile(tool.InputSchema);
        }
        catch (SchemaException error)
        {
            throw Refuse($"the input schema of '{tool.Name}' cannot be used: {error.Message}", "mend the schema and deploy again");
        }
    }

    private static FunctionFaultException Refuse(string message, string hint) => new(FaultCode.DeployRefused, message, hint);
}
