using System.Text;
using System.Text.Json;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>Writes the query, parameter by parameter in the document's order.</summary>
internal sealed class QueryWriter(StringBuilder url, RequestOptions options)
{
    private bool _hasQuery;

    /// <summary>Appends a query that is already written.</summary>
    public void WriteRaw(string query)
    {
        if (query.Length > 0)
        {
            url.Append(Mark()).Append(query);
            _hasQuery = true;
        }
    }

    /// <summary>Appends one parameter.</summary>
    public void Write(BoundArgument argument)
    {
        var parameter = argument.Binding.Parameter!;
        RefuseBreaks(argument.Name, argument.Value);
        var start = url.Length;
        url.Append(Mark());
        if (WriteParameter(argument, parameter))
        {
            _hasQuery = true;
        }
        else
        {
            url.Length = start;
        }
    }

    private char Mark() => _hasQuery ? '&' : '?';

    private bool WriteParameter(BoundArgument argument, ApiParameter parameter)
    {
        var start = url.Length;
        if (parameter.Place == ParameterPlace.QueryString)
        {
            WriteWhole(argument, parameter.MediaType ?? "application/x-www-form-urlencoded");
            return url.Length > start;
        }

        if (parameter.MediaType is { } media)
        {
            PercentEncoding.Append(url, parameter.Name, Escape.Strict);
            url.Append('=');
            PercentEncoding.Append(url, ContentText.Of(argument.Name, argument.Value, media), Escape.Strict);
            return true;
        }

        var escape = parameter.AllowReserved ? Escape.Reserved : Escape.Strict;
        var isWritten = parameter.Style == ParameterStyle.DeepObject
            ? new DeepObjectWriter(argument.Name, escape).Write(url, parameter.Name, argument.Value)
            : new StyleWriter(argument.Name, StyleShape.Of(parameter.Style, parameter.Place), escape) { Inner = parameter.InnerDelimiters }.Write(url, parameter.Name, argument.Value, parameter.Explode);
        return isWritten || WriteEmpty(parameter);
    }

    /// <summary>An undefined value where the document allows an empty one: the bare name.</summary>
    private bool WriteEmpty(ApiParameter parameter)
    {
        if (parameter.AllowEmptyValue)
        {
            PercentEncoding.Append(url, parameter.Name, Escape.Strict);
        }

        return parameter.AllowEmptyValue;
    }

    /// <summary>OpenAPI 3.2, <c>in: querystring</c>: a form is ready for a query as it is, everything else is escaped whole.</summary>
    private void WriteWhole(BoundArgument argument, string mediaType)
    {
        var text = ContentText.Of(argument.Name, argument.Value, mediaType);
        if (MediaTypes.IsForm(MediaTypes.Essence(mediaType)))
        {
            PercentEncoding.Append(url, text.Replace("#", "%23", StringComparison.Ordinal), Escape.None);
        }
        else
        {
            PercentEncoding.Append(url, text, Escape.Strict);
        }
    }

    private void RefuseBreaks(string argument, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String when !options.AllowsLineBreaksInQuery || ArgumentText.Of(argument, value).Contains('\0'):
                ArgumentText.RefuseBreaks(argument, ArgumentText.Of(argument, value));
                return;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    RefuseBreaks(argument, item);
                }

                return;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    RefuseBreaks(argument, member.Value);
                }

                return;
            default:
                return;
        }
    }
}
