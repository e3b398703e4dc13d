namespace ToolRuntime.OpenApi.Requests;

/// <summary>Which characters of a value go out as they are.</summary>
internal enum Escape
{
    /// <summary>All of them: headers, and cookies in the style <c>cookie</c>.</summary>
    None,

    /// <summary>RFC 6570, 3.2.1: the unreserved ones only.</summary>
    Strict,

    /// <summary>
    /// <c>allowReserved</c> in a query: reserved ones and percent-encoded triples too, but for those that would end the value (OpenAPI 3.1.1,
    /// Parameter Object: <c>[</c>, <c>]</c>, <c>#</c>, <c>&amp;</c> and <c>+</c> stay the client's to encode).
    /// </summary>
    Reserved,

    /// <summary><c>allowReserved</c> in a path: likewise, but for <c>/</c>, <c>?</c> and <c>#</c> (OpenAPI 3.2, Path Templating).</summary>
    ReservedPath,

    /// <summary><c>application/x-www-form-urlencoded</c> as browsers write it: a space is a plus sign.</summary>
    Form,
}
