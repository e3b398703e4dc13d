using System.Security;
using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>Objects as XML, by the keyword <c>xml</c> of their schemas (OpenAPI 3.x, XML Object): names, prefixes, namespaces, attributes, wrapped arrays.</summary>
internal static class XmlWriter
{
    private const int MostDepth = 32;

    /// <summary>An object of members.</summary>
    public static string Write(ApiSchema schema, IEnumerable<(string Argument, string Name, JsonElement Value)> members)
    {
        using var whole = new MemoryStream();
        using (var json = new Utf8JsonWriter(whole))
        {
            json.WriteStartObject();
            foreach (var (_, name, value) in members)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
        }

        whole.Position = 0;
        using var document = JsonDocument.Parse(whole);
        return Write("body", schema, document.RootElement);
    }

    /// <summary>One value, whose element is named by its schema, by the reference to it, or <c>root</c>.</summary>
    public static string Write(string argument, ApiSchema schema, JsonElement value)
    {
        var xml = new StringBuilder();
        Element(xml, argument, Name(schema, ReferenceName(schema) ?? "root"), schema, value, MostDepth);
        return xml.ToString();
    }

    private static void Element(StringBuilder xml, string argument, string name, ApiSchema schema, JsonElement value, int depth)
    {
        if (depth == 0)
        {
            throw Faults.ApiFaultException.Argument(argument, $"is nested more than {MostDepth} deep");
        }

        xml.Append('<').Append(name);
        Namespace(xml, schema);
        if (value.ValueKind != JsonValueKind.Object)
        {
            xml.Append('>').Append(Escaped(argument, value)).Append("</").Append(name).Append('>');
            return;
        }

        foreach (var member in value.EnumerateObject().Where(m => IsAttribute(SchemaLook.Property(schema, m.Name))))
        {
            xml.Append(' ').Append(Name(SchemaLook.Property(schema, member.Name), member.Name)).Append("=\"").Append(Escaped(argument, member.Value)).Append('"');
        }

        xml.Append('>');
        foreach (var member in value.EnumerateObject())
        {
            var inner = SchemaLook.Property(schema, member.Name);
            if (!IsAttribute(inner) && member.Value.ValueKind != JsonValueKind.Null)
            {
                Member(xml, argument, member, inner, depth);
            }
        }

        xml.Append("</").Append(name).Append('>');
    }

    private static void Member(StringBuilder xml, string argument, JsonProperty member, ApiSchema schema, int depth)
    {
        var name = Name(schema, member.Name);
        if (member.Value.ValueKind != JsonValueKind.Array)
        {
            Element(xml, argument, name, schema, member.Value, depth - 1);
            return;
        }

        var isWrapped = Facet(schema, "wrapped") is { ValueKind: JsonValueKind.True };
        var items = SchemaLook.Items(schema);
        xml.Append(isWrapped ? $"<{name}>" : "");
        foreach (var item in member.Value.EnumerateArray())
        {
            Element(xml, argument, Name(items, isWrapped ? name : member.Name), items, item, depth - 1);
        }

        xml.Append(isWrapped ? $"</{name}>" : "");
    }

    private static void Namespace(StringBuilder xml, ApiSchema schema)
    {
        if (Facet(schema, "namespace") is { ValueKind: JsonValueKind.String } space)
        {
            var prefix = Facet(schema, "prefix") is { ValueKind: JsonValueKind.String } p ? ":" + p.GetString() : "";
            xml.Append(" xmlns").Append(prefix).Append("=\"").Append(SecurityElement.Escape(space.GetString())).Append('"');
        }
    }

    private static string Name(ApiSchema schema, string otherwise)
    {
        var name = Facet(schema, "name") is { ValueKind: JsonValueKind.String } given ? given.GetString()! : otherwise;
        var plain = string.Concat(name.Select(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or ':' ? c : '_'));
        return Facet(schema, "prefix") is { ValueKind: JsonValueKind.String } prefix ? $"{prefix.GetString()}:{plain}" : plain;
    }

    private static bool IsAttribute(ApiSchema schema) => Facet(schema, "attribute") is { ValueKind: JsonValueKind.True };

    private static string? ReferenceName(ApiSchema schema) =>
        schema.Node.ValueKind == JsonValueKind.Object && schema.Node.TryGetProperty("$ref", out var reference) && reference.ValueKind == JsonValueKind.String
            ? reference.GetString()!.Split('/')[^1]
            : null;

    private static JsonElement? Facet(ApiSchema schema, string name)
    {
        var node = schema.Resolve().Node;
        return node.ValueKind == JsonValueKind.Object && node.TryGetProperty("xml", out var xml) && xml.ValueKind == JsonValueKind.Object && xml.TryGetProperty(name, out var facet)
            ? facet
            : null;
    }

    private static string Escaped(string argument, JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? "" : SecurityElement.Escape(ArgumentText.Of(argument, value));
}
