using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>The properties of a body that is an object whose properties are all known, through references and <c>allOf</c>.</summary>
internal sealed class BodyFields
{
    private const int MostMembers = 64;
    private static readonly string[] s_open = ["anyOf", "oneOf", "not", "if", "patternProperties", "const", "enum"];

    private readonly OrderedDictionary<string, ApiSchema> _properties = new(StringComparer.Ordinal);
    private readonly HashSet<string> _required = new(StringComparer.Ordinal);
    private int _members;

    /// <summary>Properties that a client may send, in order, with whether the body needs them; null where the body can be more or other than these.</summary>
    public static IReadOnlyList<(string Name, ApiSchema Schema, bool IsRequired)>? Of(ApiSchema schema)
    {
        var fields = new BodyFields();
        if (!fields.Add(schema))
        {
            return null;
        }

        List<(string, ApiSchema, bool)> sent = [.. fields._properties.Where(p => !IsReadOnly(p.Value)).Select(p => (p.Key, p.Value, fields._required.Contains(p.Key)))];
        return sent.Count == 0 ? null : sent;
    }

    private bool Add(ApiSchema schema)
    {
        var (node, source) = schema.Resolve();
        if (++_members > MostMembers || node.ValueKind != JsonValueKind.Object || node.TryGetProperty("$ref"u8, out _) || !IsClosedObject(node))
        {
            return false;
        }

        if (node.TryGetProperty("allOf"u8, out var parts) && parts.ValueKind == JsonValueKind.Array)
        {
            foreach (var part in parts.EnumerateArray())
            {
                if (part.ValueKind == JsonValueKind.Object && !Add(new ApiSchema(part, source)))
                {
                    return false;
                }
            }
        }

        if (node.TryGetProperty("properties"u8, out var properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in properties.EnumerateObject())
            {
                _properties[property.Name] = new ApiSchema(property.Value, source);
            }
        }

        if (node.TryGetProperty("required"u8, out var required) && required.ValueKind == JsonValueKind.Array)
        {
            _required.UnionWith(required.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!));
        }

        return true;
    }

    private static bool IsClosedObject(JsonElement node)
    {
        if (node.TryGetProperty("type"u8, out var type) && !IsObject(type))
        {
            return false;
        }

        // Members that nobody named need a place to go: the whole body is one argument then.
        if (node.TryGetProperty("additionalProperties"u8, out var more) && more.ValueKind is JsonValueKind.True or JsonValueKind.Object)
        {
            return false;
        }

        return !Array.Exists(s_open, k => node.TryGetProperty(k, out _));
    }

    private static bool IsObject(JsonElement type) => type.ValueKind switch
    {
        JsonValueKind.String => type.ValueEquals("object"u8),
        JsonValueKind.Array => type.EnumerateArray().Any(t => t.ValueKind == JsonValueKind.String && t.ValueEquals("object"u8))
            && type.EnumerateArray().All(t => t.ValueKind == JsonValueKind.String && (t.ValueEquals("object"u8) || t.ValueEquals("null"u8))),
        _ => true,
    };

    private static bool IsReadOnly(ApiSchema property) => Says(property.Node) || Says(property.Resolve().Node);

    private static bool Says(JsonElement node) => node.ValueKind == JsonValueKind.Object && node.TryGetProperty("readOnly"u8, out var value) && value.ValueKind == JsonValueKind.True;
}
