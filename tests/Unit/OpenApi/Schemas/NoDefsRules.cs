using System.Text.Json;

namespace ToolRuntime.Tests.Unit.OpenApi.Schemas;

/// <summary>No references and no definitions anywhere.</summary>
internal static class NoDefsRules
{
    public static IEnumerable<string> Broken(JsonElement schema) =>
        new[] { "\"$ref\"", "\"$defs\"", "\"$dynamicRef\"" }.Where(k => schema.Text().Contains(k, StringComparison.Ordinal));
}
