using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Sdk.Schemas;

namespace ToolRuntime.Sdk.Worker;

/// <summary>Schemas of elicitation forms, which MCP wants flat.</summary>
internal static class Forms
{
    /// <summary>The form of a record or class of plain members.</summary>
    public static JsonElement Of(Type type)
    {
        var writer = new SchemaWriter(_ => null);
        var whole = writer.Complete(writer.Returned(type, info: null));
        var form = whole["$ref"]?.GetValue<string>() is { } reference
            ? whole["$defs"]![reference.Split('/')[^1]]!.DeepClone().AsObject()
            : whole;
        return JsonSerializer.SerializeToElement<JsonNode>(form);
    }
}
