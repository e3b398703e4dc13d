namespace ToolRuntime.OpenApi.Model;

/// <summary>Why an operation becomes no tool. Users write these into scripts: they do not change.</summary>
public static class RefusalCodes
{
    /// <summary>An operation that is no object.</summary>
    public const string OperationMalformed = "operation_malformed";

    /// <summary>A path item that is no object, or whose reference leads nowhere.</summary>
    public const string PathMalformed = "path_malformed";

    /// <summary>A required parameter without a name or a place that exists.</summary>
    public const string ParameterMalformed = "parameter_malformed";

    /// <summary>A parameter or body whose reference leads nowhere.</summary>
    public const string ReferenceNotFound = "reference_not_found";

    /// <summary>A body that is no object.</summary>
    public const string BodyMalformed = "body_malformed";

    /// <summary>A method that no HTTP request can have.</summary>
    public const string MethodIllegal = "method_illegal";

    /// <summary>A second operation with the same method and path.</summary>
    public const string OperationDuplicate = "operation_duplicate";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [OperationMalformed, PathMalformed, ParameterMalformed, ReferenceNotFound, BodyMalformed, MethodIllegal, OperationDuplicate];
}
