using System.Text.Json;

using ToolRuntime.OpenApi.Faults;

namespace ToolRuntime.OpenApi.Queries;

/// <summary>
/// What is kept of a document: paths such as <c>items.name</c>. Arrays on the way are looked through, <c>*</c> is every member. What is not
/// there is left out.
/// </summary>
public sealed class FieldList
{
    private const int MostPaths = 256;
    private const int MostDepth = 32;

    private readonly Dictionary<string, FieldList> _children = new(StringComparer.Ordinal);

    private FieldList()
    {
    }

    /// <summary>Reads paths.</summary>
    /// <exception cref="ApiFaultException">One is empty, too deep, or there are too many.</exception>
    public static FieldList Parse(IReadOnlyCollection<string> paths)
    {
        var root = new FieldList();
        foreach (var path in paths)
        {
            var names = path.Split('.');
            if (names.Length > MostDepth || names.Any(n => n.Length == 0) || paths.Count > MostPaths)
            {
                throw new ApiFaultException(ApiFaultCode.InvalidArgument, $"the field {path} is no path", "write fields as items.name, at most 256 of them");
            }

            var at = root;
            foreach (var name in names)
            {
                at._children.TryAdd(name, new FieldList());
                at = at._children[name];
            }
        }

        return root;
    }

    /// <summary>The document with nothing but these fields, as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Project(JsonElement document)
    {
        using var result = new MemoryStream();
        using (var writer = new Utf8JsonWriter(result, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(writer, document);
        }

        return result.ToArray();
    }

    private void Write(Utf8JsonWriter writer, JsonElement value)
    {
        if (_children.Count == 0 || value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            value.WriteTo(writer);
            return;
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray();
            foreach (var item in value.EnumerateArray())
            {
                Write(writer, item);
            }

            writer.WriteEndArray();
            return;
        }

        writer.WriteStartObject();
        foreach (var member in value.EnumerateObject())
        {
            if (_children.TryGetValue(member.Name, out var kept) || _children.TryGetValue("*", out kept))
            {
                writer.WritePropertyName(member.Name);
                kept.Write(writer, member.Value);
            }
        }

        writer.WriteEndObject();
    }
}
