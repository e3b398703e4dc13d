namespace ToolRuntime.OpenApi.Documents;

/// <summary>A document that cannot be read at all. What is wrong with single operations is no exception: see <see cref="Model.ApiRefusal"/>.</summary>
/// <param name="message">What is wrong, with where and the hint.</param>
/// <param name="where">A JSON pointer or <c>line:column</c> (both from 1); empty for the document as a whole.</param>
/// <param name="hint">How to mend it.</param>
public sealed class ApiDocumentException(string message, string where, string hint)
    : Exception(where.Length == 0 ? $"{message}; {hint}" : $"{message} at {where}; {hint}")
{
    /// <summary>A JSON pointer or <c>line:column</c> (both from 1); empty for the document as a whole.</summary>
    public string Where { get; } = where;

    /// <summary>How to mend it.</summary>
    public string Hint { get; } = hint;
}
