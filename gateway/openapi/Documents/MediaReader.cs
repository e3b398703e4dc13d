using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Documents;

/// <summary>A map of media types (<c>content</c>) of OpenAPI 3.</summary>
internal static class MediaReader
{
    private const string Any = "*/*";
    private static readonly string[] s_style = ["style", "explode", "allowReserved"];

    /// <summary>Its entries in order; what is no object and what leads nowhere says nothing of the body, and what has no name may be anything.</summary>
    /// <param name="holder">What has the map.</param>
    /// <param name="isLate">Whether the document is of OpenAPI 3.1 or later.</param>
    public static List<ApiMedia> Read(Place holder, bool isLate)
    {
        var media = new List<ApiMedia>();
        foreach (var entry in holder.Node.Member("content").Members())
        {
            var place = holder.Document.Follow(entry.Value) ?? new Place(default, holder.Document);
            var isMultipart = entry.Name.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase);
            media.Add(new ApiMedia
            {
                MediaType = entry.Name.Length > 0 ? entry.Name : Any,
                Schema = Schema(place, "schema") ?? ApiSchema.Anything,
                ItemSchema = Schema(place, "itemSchema"),
                Encoding = Encodings(place, isStyled: isLate || !isMultipart),
                PrefixEncoding = [.. place.Node.Member("prefixEncoding").Items().Select(e => Encoding(place, e, isStyled: true))],
                ItemEncoding = place.Node.Member("itemEncoding") is { ValueKind: JsonValueKind.Object } item ? Encoding(place, item, isStyled: true) : null,
                HasBytesWhereUntyped = isLate && isMultipart,
            });
        }

        return media;
    }

    /// <summary>A member that is a schema, or null.</summary>
    public static ApiSchema? Schema(Place holder, string name) => holder.Node.Member(name) is { ValueKind: JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False } node
        ? new ApiSchema(node, holder.Document)
        : null;

    /// <summary>
    /// How properties are written. Before 3.1 styles are for forms only; where one of a style's three keywords is there, the others have their
    /// defaults (OpenAPI 3.2.1, Encoding Object).
    /// </summary>
    private static Dictionary<string, ApiEncoding> Encodings(Place media, bool isStyled)
    {
        var encodings = new Dictionary<string, ApiEncoding>(StringComparer.Ordinal);
        foreach (var entry in media.Node.Member("encoding").Members().Where(e => e.Value.IsObject()))
        {
            encodings[entry.Name] = Encoding(media, entry.Value, isStyled);
        }

        return encodings;
    }

    private static ApiEncoding Encoding(Place media, JsonElement node, bool isStyled)
    {
        var hasStyle = isStyled && Array.Exists(s_style, k => node.Member(k).ValueKind != JsonValueKind.Undefined);
        var style = hasStyle ? ParameterReader.Style(node.Text("style")) ?? ParameterStyle.Form : default(ParameterStyle?);
        return new ApiEncoding
        {
            ContentType = node.Text("contentType"),
            Style = style,
            Explode = node.OptionalFlag("explode") ?? style is null or ParameterStyle.Form,
            AllowReserved = node.Flag("allowReserved"),
            Headers = Headers(new Place(node, media.Document)),
        };
    }

    private static Dictionary<string, ApiSchema> Headers(Place encoding)
    {
        var headers = new Dictionary<string, ApiSchema>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in encoding.Node.Member("headers").Members())
        {
            if (encoding.Document.Follow(entry.Value) is { } header)
            {
                headers[entry.Name] = Schema(header, "schema") ?? ApiSchema.Anything;
            }
        }

        return headers;
    }
}
