using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Tools;

namespace ToolRuntime.OpenApi.Search;

/// <summary>What search knows of a tool.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Title">The operation's summary, or the tool's title; empty for none.</param>
/// <param name="Description">What it does; markup may be in it.</param>
/// <param name="Method">HTTP method, upper case; empty where there is none.</param>
/// <param name="Path">Path template; empty where there is none.</param>
/// <param name="Tags">Tags of the document.</param>
public sealed record SearchableTool(
    string Name, string Title, string Description, string Method, string Path, IReadOnlyList<string> Tags)
{
    /// <summary>Names of its arguments.</summary>
    public IReadOnlyList<string> ParameterNames { get; init; } = [];

    /// <summary>The document's operation id where it says more than <see cref="Name"/>, which may have been cut; else null.</summary>
    public string? OperationId { get; init; }

    /// <summary>What the document says about the thing that the operation takes or returns; empty for none.</summary>
    public string Resource { get; init; } = "";

    /// <summary>Whether the document calls the operation deprecated.</summary>
    public bool IsDeprecated { get; init; }

    /// <summary>What search should know of <paramref name="tool"/>.</summary>
    public static SearchableTool From(ApiTool tool) => From(tool.Operation, tool.Name, tool.Title, [.. tool.Bindings.Select(b => b.Argument)]);

    /// <summary>What search should know of a tool made of <paramref name="operation"/>.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="name">The tool's name.</param>
    /// <param name="title">The tool's title, for where the operation has no summary.</param>
    /// <param name="arguments">Names of the tool's arguments.</param>
    public static SearchableTool From(ApiOperation operation, string name, string title, IReadOnlyList<string> arguments) =>
        new(name, operation.Summary.Length > 0 ? operation.Summary : title, operation.Description, operation.Method, operation.Path, operation.Tags)
        {
            ParameterNames = arguments,
            OperationId = operation.OperationId,
            Resource = ResourceText.Of(operation),
            IsDeprecated = operation.IsDeprecated,
        };
}
