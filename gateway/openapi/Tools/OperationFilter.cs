using System.IO.Enumeration;

using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>Which operations the options and the document itself want as tools.</summary>
internal static class OperationFilter
{
    /// <summary>Methods that change nothing.</summary>
    public static bool IsSafe(string method) => method is "GET" or "HEAD" or "OPTIONS" or "QUERY" or "TRACE";

    /// <summary>Why an operation is no tool by wish; null where it is one.</summary>
    public static string? Reason(ApiOperation operation, McpExtension extension, ToolOptions options)
    {
        if (extension.IsHidden)
        {
            return "hidden by x-mcp";
        }

        if (options.IsReadOnly && !IsSafe(operation.Method) && extension.ReadOnlyHint is not true)
        {
            return "not read-only";
        }

        if (options.Methods.Count > 0 && !options.Methods.Contains(operation.Method, StringComparer.OrdinalIgnoreCase))
        {
            return "method not chosen";
        }

        if ((options.Tags.Count > 0 && !HasAny(operation.Tags, options.Tags)) || HasAny(operation.Tags, options.ExcludedTags))
        {
            return "tag not chosen";
        }

        return (options.Operations.Count > 0 && !Matches(operation, options.Operations)) || Matches(operation, options.ExcludedOperations) ? "operation not chosen" : null;
    }

    private static bool HasAny(IReadOnlyList<string> tags, IReadOnlyList<string> wanted) => wanted.Count > 0 && tags.Any(t => wanted.Contains(t, StringComparer.OrdinalIgnoreCase));

    private static bool Matches(ApiOperation operation, IReadOnlyList<string> patterns) => patterns.Any(p =>
        FileSystemName.MatchesSimpleExpression(p, operation.OperationId ?? "", ignoreCase: true) || FileSystemName.MatchesSimpleExpression(p, operation.Key, ignoreCase: true));
}
