namespace ToolRuntime.OpenApi.Model;

/// <summary>Where a parameter stands in the request.</summary>
public enum ParameterPlace
{
    /// <summary>In the path template.</summary>
    Path,

    /// <summary>In the query, by name.</summary>
    Query,

    /// <summary>The whole query as one value (OpenAPI 3.2, <c>querystring</c>).</summary>
    QueryString,

    /// <summary>A header.</summary>
    Header,

    /// <summary>A cookie.</summary>
    Cookie,
}
