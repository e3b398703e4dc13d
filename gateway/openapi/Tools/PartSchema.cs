using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>What a part of a multipart body is, as callers see it and as it is written.</summary>
internal static class PartSchema
{
    private static readonly JsonElement s_bytes = JsonElement.Parse("""{"type":"string","format":"binary"}"""u8);

    /// <summary>
    /// The property's schema; where it, or that of its items, says nothing, the one of bytes: in OpenAPI 3.1 and later, and where the media type
    /// of the part is neither JSON nor text.
    /// </summary>
    public static ApiSchema Of(ApiMedia media, ApiSchema schema, ApiEncoding? encoding)
    {
        var isBytes = encoding?.ContentType is { } type ? !MediaChoice.IsJson(type) && !MediaChoice.IsText(type) : media.HasBytesWhereUntyped;
        if (!isBytes || !MediaChoice.IsMultipart(media.MediaType))
        {
            return schema;
        }

        var found = schema.Resolve();
        if (SchemaLook.IsUntyped(found))
        {
            return found with { Node = Bytes(found.Node) };
        }

        return SchemaLook.Type(found) is "array" && SchemaLook.IsUntyped(SchemaLook.Items(found)) ? found with { Node = With(found.Node, "items", Bytes(SchemaLook.Items(found).Node)) } : schema;
    }

    /// <summary>Bytes, with what the schema says of them.</summary>
    private static JsonElement Bytes(JsonElement untyped) =>
        untyped.ValueKind == JsonValueKind.Object ? s_bytes.EnumerateObject().Aggregate(untyped, (sum, m) => With(sum, m.Name, m.Value)) : s_bytes;

    private static JsonElement With(JsonElement node, string name, JsonElement value)
    {
        var changed = JsonObject.Create(node)!;
        changed[name] = JsonNode.Parse(value.GetRawText());
        return JsonElement.Parse(changed.ToJsonString());
    }
}
