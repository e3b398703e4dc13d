using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Requests;

/// <summary>
/// How one style writes a value: RFC 6570's table of operators, and the styles that OpenAPI adds to it.
/// </summary>
/// <param name="First">What stands before a defined value.</param>
/// <param name="Separator">What stands between the pieces of an exploded value.</param>
/// <param name="Joiner">What stands between the pieces of a value that is not exploded.</param>
/// <param name="IsNamed">Whether the parameter's name stands before its value.</param>
/// <param name="IfEmpty">What stands after the name where the value is the empty string.</param>
internal readonly record struct StyleShape(string First, string Separator, string Joiner, bool IsNamed, string IfEmpty)
{
    private static readonly StyleShape s_simple = new("", ",", ",", false, "");

    /// <summary>The shape of <paramref name="style"/> at <paramref name="place"/>. A style that its place does not know is written as the place's own.</summary>
    public static StyleShape Of(ParameterStyle style, ParameterPlace place) => place switch
    {
        ParameterPlace.Path => InPath(style),
        ParameterPlace.Header => s_simple with { Joiner = Delimiter(style, " ", "|", "\t") },
        // OpenAPI 3.2.1, "Serialization and Examples": in a cookie neither ? nor & is ever right.
        ParameterPlace.Cookie => new("", "; ", ",", true, "="),
        _ => new("", "&", Delimiter(style, "%20", "%7C", "%09"), true, "="),
    };

    private static StyleShape InPath(ParameterStyle style) => style switch
    {
        ParameterStyle.Label => new(".", ".", ",", false, ""),
        ParameterStyle.Matrix => new(";", ";", ",", true, ""),
        _ => s_simple with { Joiner = Delimiter(style, "%20", "%7C", "%09") },
    };

    private static string Delimiter(ParameterStyle style, string space, string pipe, string tab) => style switch
    {
        ParameterStyle.SpaceDelimited => space,
        ParameterStyle.PipeDelimited => pipe,
        ParameterStyle.TabDelimited => tab,
        _ => ",",
    };
}
