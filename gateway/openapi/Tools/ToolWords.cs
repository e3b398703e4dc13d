using System.Text;

using ToolRuntime.OpenApi.Model;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.OpenApi.Tools;

/// <summary>What a tool says of itself.</summary>
internal static class ToolWords
{
    private const int LongestDescription = 1_024;
    private const int LongestTitle = 80;
    private static readonly string[] s_destroying = ["delete", "remove", "destroy", "terminate", "purge", "reset", "revoke", "cancel", "drop", "erase", "wipe"];

    public static string Title(ApiOperation operation, McpExtension extension)
    {
        var title = CleanText.Of(extension.Title ?? operation.Summary, LongestDescription);
        return title.Length <= LongestTitle && !title.Contains('\n', StringComparison.Ordinal) ? title : "";
    }

    public static string Description(ApiOperation operation, McpExtension extension)
    {
        if (extension.Description is { } given && CleanText.Of(given, LongestDescription) is { Length: > 0 } clean)
        {
            return clean;
        }

        var summary = CleanText.Of(operation.Summary, LongestDescription);
        var description = CleanText.Of(operation.Description, LongestDescription);
        var text = summary.Length == 0 || description.StartsWith(summary.TrimEnd('.'), StringComparison.OrdinalIgnoreCase) ? description
            : description.Length == 0 ? summary : $"{summary}\n\n{description}";
        text = text.Length == 0 ? $"{operation.Method} {operation.Path}" : text;
        return CleanText.Cut(operation.IsDeprecated ? $"Deprecated. {text}" : text, LongestDescription);
    }

    /// <summary>MCP's hints: from the method, made worse by a name that says so, and what the document says itself.</summary>
    public static ReadOnlyMemory<byte> Annotations(ApiOperation operation, McpExtension extension)
    {
        var isSafe = extension.ReadOnlyHint ?? OperationFilter.IsSafe(operation.Method);
        var isDestructive = extension.DestructiveHint ?? (!isSafe && (operation.Method is "DELETE" or "PUT" or "PATCH" || Destroys(operation)));
        var isIdempotent = extension.IdempotentHint ?? (isSafe || operation.Method is "PUT" or "DELETE");
        return Encoding.UTF8.GetBytes(
            $$"""{"readOnlyHint":{{Json(isSafe)}},"destructiveHint":{{Json(isDestructive)}},"idempotentHint":{{Json(isIdempotent)}},"openWorldHint":{{Json(extension.OpenWorldHint ?? true)}}}""");
    }

    private static bool Destroys(ApiOperation operation)
    {
        var last = operation.RawPath[(operation.RawPath.LastIndexOf('/') + 1)..];
        return s_destroying.Any(w => last.Contains(w, StringComparison.OrdinalIgnoreCase) || operation.OperationId?.Contains(w, StringComparison.OrdinalIgnoreCase) is true);
    }

    private static string Json(bool value) => value ? "true" : "false";
}
