namespace ToolRuntime.E2b.Templates;

/// <summary>A line of a build's log.</summary>
/// <param name="Time">When.</param>
/// <param name="Level"><c>info</c>, <c>warn</c> or <c>error</c>.</param>
/// <param name="Text">The line.</param>
internal readonly record struct TemplateLogEntry(DateTimeOffset Time, string Level, string Text);
