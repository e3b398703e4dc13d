namespace ToolRuntime.OpenApi.Model;

/// <summary>Kinds of <see cref="ApiWarning"/>.</summary>
public static class WarningCodes
{
    /// <summary>The document does not say what version it is written in, or one that does not exist.</summary>
    public const string VersionUnclear = "version_unclear";

    /// <summary>A path parameter that the template has and nobody declares.</summary>
    public const string PathParameterUndeclared = "path_parameter_undeclared";

    /// <summary>A path parameter that is declared and not in the template.</summary>
    public const string PathParameterUnused = "path_parameter_unused";

    /// <summary>A path with a query or fragment, or without its slash.</summary>
    public const string PathUnusual = "path_unusual";

    /// <summary>A parameter that was left out: it is optional and malformed.</summary>
    public const string ParameterIgnored = "parameter_ignored";

    /// <summary>A value of the wrong type or out of its set; the default was taken.</summary>
    public const string ValueIgnored = "value_ignored";

    /// <summary>A reference that leads nowhere; anything is allowed there.</summary>
    public const string ReferenceNotFound = "reference_not_found";

    /// <summary>An id that more than one operation has.</summary>
    public const string OperationIdDuplicate = "operation_id_duplicate";

    /// <summary>A security scheme that is asked for and not defined.</summary>
    public const string SecuritySchemeUnknown = "security_scheme_unknown";

    /// <summary>Another document that could not be had.</summary>
    public const string DocumentNotRead = "document_not_read";

    /// <summary>A keyword of a schema that means nothing as it is, or a pattern that does not compile or would take too long.</summary>
    public const string SchemaKeywordIgnored = "schema_keyword_ignored";
}
