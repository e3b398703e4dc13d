using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>
/// Writes multipart bodies (OpenAPI 3.2.1, "Encoding multipart Media Types"): arrays as a part for each item, objects as JSON, bytes with a file
/// name, scalars as text. <c>null</c> is left out.
/// </summary>
internal sealed class MultipartWriter(ApiMedia media, FindResource? find)
{
    private readonly List<(byte[] Headers, RequestBody Body)> _parts = [];
    private readonly bool _isForm = MediaTypes.Essence(media.MediaType) == "multipart/form-data";

    /// <summary>Adds one property.</summary>
    public async ValueTask AddAsync(string argument, string name, JsonElement value, CancellationToken cancellationToken)
    {
        var encoding = media.Encoding.GetValueOrDefault(name);
        var schema = PartSchema.Of(media, SchemaLook.Property(media.Schema, name), encoding);
        var isBytes = SchemaLook.IsBinary(value.ValueKind == JsonValueKind.Array ? SchemaLook.Items(schema) : schema);
        if (encoding?.Style is { } style && !isBytes && value.ValueKind is JsonValueKind.Array or JsonValueKind.Object)
        {
            AddStyled(argument, name, value, encoding, style);
            return;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            await AddPartAsync(argument, name, value, schema, encoding, cancellationToken);
            return;
        }

        foreach (var item in value.EnumerateArray())
        {
            await AddPartAsync(argument, name, item, SchemaLook.Items(schema), encoding, cancellationToken);
        }
    }

    /// <summary>Adds the parts of an array, in order, without names (<c>multipart/mixed</c>).</summary>
    public async ValueTask AddAllAsync(string argument, JsonElement items, CancellationToken cancellationToken)
    {
        var place = 0;
        foreach (var item in items.EnumerateArray())
        {
            var encoding = place < media.PrefixEncoding.Count ? media.PrefixEncoding[place] : media.ItemEncoding;
            await AddPartAsync(argument, "", item, PartSchema.Of(media, SchemaLook.Item(media.Schema, place++), encoding), encoding, cancellationToken);
        }
    }

    /// <summary>The finished body.</summary>
    public RequestBody Finish()
    {
        var boundary = $"toolrt-{RandomNumberGenerator.GetHexString(24, lowercase: true)}";
        return new MultipartBody(boundary, _parts) { ContentType = $"{Charset.Without(media.MediaType, "boundary")}; boundary={boundary}" };
    }

    private async ValueTask AddPartAsync(string argument, string name, JsonElement value, ApiSchema schema, ApiEncoding? encoding, CancellationToken cancellationToken)
    {
        var type = Declared(encoding);
        if (value.ValueKind == JsonValueKind.Null && !IsJson(type))
        {
            return;
        }

        if (IsBytes(schema, value, type))
        {
            var bytes = await BinaryArgument.ReadAsync(argument, value, type, find, cancellationToken);
            Add(argument, name, bytes.Body, bytes.Name ?? (_isForm ? name : null), Chosen(encoding, bytes), encoding);
        }
        else if (IsJson(type) || type is null && value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            var json = JsonBody.Of(value, type ?? "application/json");
            Add(argument, name, json, null, json.ContentType, encoding);
        }
        else
        {
            var (text, written) = Charset.Encode(ArgumentText.Of(argument, value), type ?? "text/plain");
            Add(argument, name, new BytesBody(text) { ContentType = written }, null, type is null ? null : written, encoding);
        }
    }

    private void AddStyled(string argument, string name, JsonElement value, ApiEncoding encoding, ParameterStyle style)
    {
        var form = new StringBuilder();
        if (style == ParameterStyle.DeepObject)
        {
            new DeepObjectWriter(argument, Escape.Strict).Write(form, name, value);
        }
        else
        {
            new StyleWriter(argument, StyleShape.Of(style, ParameterPlace.Query), Escape.Strict) { Inner = encoding.InnerDelimiters }.Write(form, name, value, encoding.Explode);
        }

        // RFC 6570 gives pairs; in a multipart body each is a part of its own, and nothing is escaped there (OpenAPI 3.2.1, Encoding Object, style).
        foreach (var pair in form.ToString().Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)))
        {
            Add(argument, PercentEncoding.Decode(pair[0]), new BytesBody(Encoding.UTF8.GetBytes(PercentEncoding.Decode(pair[^1]))) { ContentType = "text/plain" }, null, null, encoding);
        }
    }

    private void Add(string argument, string name, RequestBody body, string? fileName, string? type, ApiEncoding? encoding)
    {
        var headers = new StringBuilder("\r\n");
        if (_isForm)
        {
            headers.Append(CultureInfo.InvariantCulture, $"Content-Disposition: form-data; name=\"{Quoted(argument, name)}\"");
            headers.Append(fileName is null ? "" : $"; filename=\"{Quoted(argument, fileName)}\"").Append("\r\n");
        }

        if (type is not null)
        {
            ArgumentText.RefuseControls(argument, type);
            headers.Append(CultureInfo.InvariantCulture, $"Content-Type: {type}\r\n");
        }

        foreach (var (header, schema) in encoding?.Headers ?? new Dictionary<string, ApiSchema>(StringComparer.Ordinal))
        {
            if (SchemaLook.Only(schema) is { } value && !header.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                var text = ArgumentText.Of(argument, value);
                ArgumentText.RefuseControls(argument, header + text);
                headers.Append(CultureInfo.InvariantCulture, $"{header}: {text}\r\n");
            }
        }

        _parts.Add((Encoding.UTF8.GetBytes(headers.Append("\r\n").ToString()), body));
    }

    /// <summary>As browsers write names: quotation marks escaped (URL standard's multipart/form-data encoding), line ends refused rather than escaped.</summary>
    private static string Quoted(string argument, string name)
    {
        ArgumentText.RefuseControls(argument, name);
        return name.Replace("\"", "%22", StringComparison.Ordinal);
    }

    private static bool IsBytes(ApiSchema schema, JsonElement value, string? type) =>
        value.ValueKind is JsonValueKind.String or JsonValueKind.Object && SchemaLook.IsBinary(schema)
        || value.ValueKind == JsonValueKind.String && type is not null && MediaTypes.IsBytes(MediaTypes.Essence(type)) && SchemaLook.Text(schema, "contentEncoding") is null;

    private static bool IsJson(string? type) => type is not null && MediaTypes.IsJson(MediaTypes.Essence(type));

    /// <summary>The type that the document names, or null where it names none, several or a range.</summary>
    private static string? Declared(ApiEncoding? encoding) =>
        encoding?.ContentType is { } type && !type.Contains(',') && !type.Contains('*') ? type.Trim() : null;

    /// <summary>Of several types that the document allows, the one that the argument says the bytes are, else the first.</summary>
    private static string Chosen(ApiEncoding? encoding, BinaryArgument bytes)
    {
        if (Declared(encoding) is { } declared)
        {
            return declared;
        }

        var allowed = (encoding?.ContentType ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return bytes.MediaType ?? allowed.FirstOrDefault(t => !MediaTypes.IsRange(t)) ?? "application/octet-stream";
    }
}
