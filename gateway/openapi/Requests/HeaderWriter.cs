using System.Text;

using ToolRuntime.OpenApi.Faults;
using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>Writes headers and cookies. Headers are not percent-encoded, and no value may become a header or cookie of its own.</summary>
internal sealed class HeaderWriter(RequestOptions options)
{
    /// <summary>What a message is framed or routed by: an argument must not say it.</summary>
    private static readonly HashSet<string> s_framing = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer", "Expect", "Proxy-Authorization", "Proxy-Connection",
    };

    /// <summary>What the document may declare as a parameter, which is then ignored (OpenAPI 3.x, Parameter Object, <c>name</c>).</summary>
    private static readonly HashSet<string> s_ignored = new(StringComparer.OrdinalIgnoreCase) { "Accept", "Content-Type", "Authorization" };

    /// <summary>The headers.</summary>
    public List<KeyValuePair<string, string>> Headers { get; } = [];

    /// <summary>The cookies.</summary>
    public List<string> Cookies { get; } = [];

    /// <summary>Adds a header parameter.</summary>
    public void WriteHeader(BoundArgument argument)
    {
        var parameter = argument.Binding.Parameter!;
        if (s_ignored.Contains(parameter.Name))
        {
            return;
        }

        if (s_framing.Contains(parameter.Name) || !IsToken(parameter.Name))
        {
            throw ApiFaultException.Argument(argument.Name, $"goes to the header {parameter.Name}, which no argument may set");
        }

        var value = new StringBuilder();
        if (parameter.MediaType is { } media)
        {
            value.Append(ContentText.Of(argument.Name, argument.Value, media));
        }
        else if (!new StyleWriter(argument.Name, StyleShape.Of(parameter.Style, ParameterPlace.Header), Escape.None) { Inner = parameter.InnerDelimiters }
            .Write(value, parameter.Name, argument.Value, parameter.Explode))
        {
            return;
        }

        Headers.Add(new(parameter.Name, Checked(argument.Name, value.ToString())));
    }

    /// <summary>Adds a cookie parameter.</summary>
    public void WriteCookie(BoundArgument argument)
    {
        var parameter = argument.Binding.Parameter!;
        if (!IsToken(parameter.Name))
        {
            throw ApiFaultException.Argument(argument.Name, $"goes to the cookie {parameter.Name}, which is no cookie's name");
        }

        var value = new StringBuilder();
        if (parameter.MediaType is { } media)
        {
            value.Append(parameter.Name).Append('=');
            PercentEncoding.Append(value, ContentText.Of(argument.Name, argument.Value, media), Escape.Strict);
        }
        else if (!WriteStyled(value, argument, parameter))
        {
            return;
        }

        Cookies.Add(Checked(argument.Name, value.ToString()));
        if (Cookies.Sum(c => c.Length) > options.MaxHeaderLength)
        {
            throw ApiFaultException.Argument(argument.Name, "makes the cookies too long");
        }
    }

    private static bool WriteStyled(StringBuilder value, BoundArgument argument, ApiParameter parameter)
    {
        if (parameter.Style != ParameterStyle.Cookie)
        {
            return new StyleWriter(argument.Name, StyleShape.Of(parameter.Style, ParameterPlace.Cookie), Escape.Strict) { Inner = parameter.InnerDelimiters }
                .Write(value, parameter.Name, argument.Value, parameter.Explode);
        }

        CookieGuard.Check(argument.Name, argument.Value);
        return new StyleWriter(argument.Name, StyleShape.Of(parameter.Style, ParameterPlace.Cookie), Escape.None) { Inner = parameter.InnerDelimiters }
            .Write(value, parameter.Name, argument.Value, parameter.Explode);
    }

    private string Checked(string argument, string value)
    {
        ArgumentText.RefuseControls(argument, value);
        return value.Length <= options.MaxHeaderLength ? value : throw ApiFaultException.Argument(argument, $"is longer than {options.MaxHeaderLength} characters");
    }

    private static bool IsToken(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));
}
