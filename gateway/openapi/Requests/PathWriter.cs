using System.Text;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>Fills a path template (OpenAPI 3.2, "Path Templating").</summary>
internal static class PathWriter
{
    /// <summary>Appends the filled path.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="template">The template.</param>
    /// <param name="arguments">Arguments by the name of their path parameter.</param>
    /// <exception cref="ApiFaultException">A placeholder without a value, or a value that is refused.</exception>
    public static void Write(StringBuilder url, string template, Dictionary<string, BoundArgument> arguments)
    {
        var segment = url.Length;
        string? filler = null;
        for (var rest = template.AsSpan(); !rest.IsEmpty;)
        {
            if (rest[0] == '/')
            {
                EndSegment(url, segment, filler);
                url.Append('/');
                (segment, filler) = (url.Length, null);
                rest = rest[1..];
                continue;
            }

            var close = rest[0] == '{' ? rest.IndexOf('}') : -1;
            if (close > 0)
            {
                filler = Fill(url, rest[1..close].ToString(), arguments);
                rest = rest[(close + 1)..];
                continue;
            }

            var literal = rest[1..].IndexOfAny('/', '{') is >= 0 and var next ? next + 1 : rest.Length;
            PercentEncoding.AppendLiteral(url, rest[..literal]);
            rest = rest[literal..];
        }

        EndSegment(url, segment, filler);
    }

    private static void EndSegment(StringBuilder url, int start, string? filler)
    {
        if (filler is not null)
        {
            PathGuard.CheckSegment(filler, url.ToString(start, url.Length - start));
        }
    }

    private static string Fill(StringBuilder url, string name, Dictionary<string, BoundArgument> arguments)
    {
        if (!arguments.TryGetValue(name, out var argument))
        {
            throw ApiFaultException.Argument(name, "is missing: the path needs it");
        }

        var parameter = argument.Binding.Parameter!;
        PathGuard.Check(argument.Name, argument.Value);
        if (parameter.MediaType is { } media)
        {
            PercentEncoding.Append(url, ContentText.Of(argument.Name, argument.Value, media), Escape.Strict);
            return argument.Name;
        }

        var escape = parameter.AllowReserved ? Escape.ReservedPath : Escape.Strict;
        var writer = new StyleWriter(argument.Name, StyleShape.Of(parameter.Style, ParameterPlace.Path), escape) { Inner = parameter.InnerDelimiters };
        return writer.Write(url, parameter.Name, argument.Value, parameter.Explode)
            ? argument.Name
            : throw ApiFaultException.Argument(argument.Name, "is empty, which would lead to another path");
    }
}
