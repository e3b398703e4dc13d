using System.Buffers;
using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>The body of a Swagger 2.0 operation: one <c>body</c> parameter, or <c>formData</c> ones, which become the properties of one object.</summary>
internal static class SwaggerBody
{
    private const string Form = "application/x-www-form-urlencoded";
    private const string Multipart = "multipart/form-data";

    // Of a document that was read already, and a few levels deeper than there.
    private static readonly JsonDocumentOptions s_deep = new() { MaxDepth = 1024 };

    public static ApiBody? Read(OperationPlace place, IReadOnlyList<string> consumes)
    {
        var parameters = Parameters(place);
        if (parameters.Find(p => p.Node.Text("in") is "body") is { Document: not null } body)
        {
            var schema = MediaReader.Schema(body, "schema") ?? ApiSchema.Anything;
            return new ApiBody
            {
                IsRequired = body.Node.Flag("required"),
                Description = body.Node.Text("description") ?? "",
                Media = [.. consumes.DefaultIfEmpty("application/json").Select(m => new ApiMedia { MediaType = m, Schema = schema })],
            };
        }

        var fields = parameters.Where(p => p.Node.Text("in") is "formData" && p.Node.Text("name") is not null).ToList();
        return fields.Count == 0 ? null : OfFields(fields, consumes);
    }

    private static ApiBody OfFields(List<Place> fields, IReadOnlyList<string> consumes)
    {
        var hasFile = fields.Exists(IsFile);
        var media = consumes.Where(m => m.StartsWith(Form, StringComparison.OrdinalIgnoreCase) || m.StartsWith(Multipart, StringComparison.OrdinalIgnoreCase))
            .Where(m => !hasFile || m.StartsWith("multipart", StringComparison.OrdinalIgnoreCase)).DefaultIfEmpty(hasFile ? Multipart : Form);
        var schema = new ApiSchema(Schema(fields), fields[0].Document);
        var encoding = Encodings(fields);
        return new ApiBody
        {
            IsRequired = fields.Exists(f => f.Node.Flag("required")),
            Media = [.. media.Select(m => new ApiMedia { MediaType = m, Schema = schema, Encoding = encoding })],
        };
    }

    /// <summary>Body and form parameters of the path, overridden by the operation's own.</summary>
    private static List<Place> Parameters(OperationPlace place)
    {
        var found = new List<Place>();
        foreach (var holder in new[] { place.PathItem, place.Operation })
        {
            foreach (var node in holder.Node.Member("parameters").Items())
            {
                if (holder.Document.Follow(node) is not { } parameter || parameter.Node.Text("in") is not ("body" or "formData"))
                {
                    continue;
                }

                found.RemoveAll(p => p.Node.Text("in") == parameter.Node.Text("in") && (parameter.Node.Text("in") is "body" || p.Node.Text("name") == parameter.Node.Text("name")));
                found.Add(parameter);
            }
        }

        return found;
    }

    private static JsonElement Schema(List<Place> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "object"u8);
            writer.WriteStartObject("properties"u8);
            foreach (var field in fields)
            {
                writer.WritePropertyName(field.Node.Text("name")!);
                field.Node.WriteTo(writer);
            }

            writer.WriteEndObject();
            writer.WriteStartArray("required"u8);
            foreach (var field in fields.Where(f => f.Node.Flag("required")))
            {
                writer.WriteStringValue(field.Node.Text("name"));
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan, s_deep);
    }

    /// <summary>A file, or several, which 2.0 does not know but documents have.</summary>
    private static bool IsFile(Place field) => field.Node.Text("type") is "file" || field.Node.Member("items").Text("type") is "file";

    private static Dictionary<string, ApiEncoding> Encodings(List<Place> fields)
    {
        var encodings = new Dictionary<string, ApiEncoding>(StringComparer.Ordinal);
        foreach (var field in fields.Where(f => f.Node.Text("type") is "array" && !IsFile(f)))
        {
            var (style, explode) = SwaggerReader.Style(field.Node.Text("collectionFormat"), null);
            encodings[field.Node.Text("name")!] = new ApiEncoding { Style = style, Explode = explode, InnerDelimiters = SwaggerReader.Delimiters(field.Node.Member("items")) };
        }

        return encodings;
    }
}
