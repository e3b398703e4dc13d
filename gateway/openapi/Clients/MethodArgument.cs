using System.Text.Json;

using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Clients;

/// <summary>One argument of a method.</summary>
/// <param name="Argument">Its name in the tool's input schema.</param>
/// <param name="Name">Its name in a program: words with underscores between, different from the others'.</param>
/// <param name="Shape">What it may be.</param>
/// <param name="IsRequired">Whether a call without it is wrong.</param>
public sealed record MethodArgument(string Argument, string Name, ValueShape Shape, bool IsRequired)
{
    /// <summary>The arguments of <paramref name="tool"/>, those that are required first. Reads the tool's input schema.</summary>
    public static IReadOnlyList<MethodArgument> Of(ApiTool tool)
    {
        using var document = JsonDocument.Parse(tool.InputSchema);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var required = root.TryGetProperty("required", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(n => n.ToString()).ToHashSet(StringComparer.Ordinal)
            : [];
        var members = properties.EnumerateObject().ToArray();
        var names = Identifiers.Distinct([.. members.Select(m => m.Name)]);
        return
        [
            .. members.Select((m, i) => new MethodArgument(m.Name, names[i], ValueShape.Of(m.Value, root), required.Contains(m.Name)))
                .OrderByDescending(a => a.IsRequired),
        ];
    }
}
