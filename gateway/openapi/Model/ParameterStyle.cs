namespace ToolRuntime.OpenApi.Model;

/// <summary>How arrays and objects are written (OpenAPI 3.x, "Style Values"); Swagger 2.0's collection formats are turned into these.</summary>
public enum ParameterStyle
{
    /// <summary><c>a=1&amp;a=2</c> or <c>a=1,2</c>.</summary>
    Form,

    /// <summary><c>1,2</c>.</summary>
    Simple,

    /// <summary><c>.1.2</c>.</summary>
    Label,

    /// <summary><c>;a=1;a=2</c>.</summary>
    Matrix,

    /// <summary><c>a=1%202</c>.</summary>
    SpaceDelimited,

    /// <summary><c>a=1|2</c>.</summary>
    PipeDelimited,

    /// <summary><c>a[b]=1</c>.</summary>
    DeepObject,

    /// <summary>Cookies as they are (OpenAPI 3.2): <c>a=1; b=2</c>, nothing escaped.</summary>
    Cookie,

    /// <summary>Swagger 2.0's <c>tsv</c>: items separated by tabs.</summary>
    TabDelimited,
}
