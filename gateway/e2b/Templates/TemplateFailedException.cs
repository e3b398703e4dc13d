namespace ToolRuntime.E2b.Templates;

/// <summary>A build cannot go on; the message is for whoever asked for it.</summary>
internal sealed class TemplateFailedException(string message) : Exception(message);
