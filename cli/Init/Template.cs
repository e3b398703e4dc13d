namespace ToolRuntime.Cli.Init;

/// <summary>A function to start from.</summary>
internal sealed record Template(string Extension, string Text);
