namespace ToolRuntime.E2b.Templates;

/// <summary>Bodies of <c>/templates/tags</c>.</summary>
/// <param name="Target">What gets the tags, <c>name:tag</c>.</param>
/// <param name="Name">Whose tags are removed.</param>
/// <param name="Tags">The tags.</param>
internal sealed record TagsBody(string? Target, string? Name, IReadOnlyList<string>? Tags);
