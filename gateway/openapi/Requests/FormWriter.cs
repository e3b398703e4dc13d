using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>
/// Writes <c>application/x-www-form-urlencoded</c> (OpenAPI 3.2.1, Encoding Object). A property without a style is written as browsers do: an
/// array as one pair for each item, an object as JSON, a space as a plus sign. One with a style is written as a query parameter is, a space as
/// <c>%20</c>. <c>null</c> is left out.
/// </summary>
internal sealed class FormWriter(StringBuilder form)
{
    /// <summary>Appends one property.</summary>
    public void Write(string argument, string name, JsonElement value, ApiEncoding? encoding)
    {
        if (encoding?.Style is not { } style)
        {
            WritePlain(argument, name, value, encoding?.ContentType);
            return;
        }

        var escape = encoding.AllowReserved ? Escape.Reserved : Escape.Strict;
        var start = form.Length;
        form.Append(start == 0 ? "" : "&");
        var isWritten = style == ParameterStyle.DeepObject
            ? new DeepObjectWriter(argument, escape).Write(form, name, value)
            : new StyleWriter(argument, StyleShape.Of(style, ParameterPlace.Query), escape) { Inner = encoding.InnerDelimiters }.Write(form, name, value, encoding.Explode);
        if (!isWritten)
        {
            form.Length = start;
        }
    }

    private void WritePlain(string argument, string name, JsonElement value, string? contentType)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                Pair(argument, name, item, contentType);
            }

            return;
        }

        Pair(argument, name, value, contentType);
    }

    private void Pair(string argument, string name, JsonElement value, string? contentType)
    {
        var isJson = contentType is not null && MediaTypes.IsJson(MediaTypes.Essence(contentType));
        if (value.ValueKind == JsonValueKind.Null && !isJson)
        {
            return;
        }

        form.Append(form.Length == 0 ? "" : "&");
        PercentEncoding.Append(form, name, Escape.Form);
        form.Append('=');
        PercentEncoding.Append(form, isJson ? CompactJson.Text(value) : ArgumentText.Of(argument, value), Escape.Form);
    }
}
