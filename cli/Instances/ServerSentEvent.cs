namespace ToolRuntime.Cli.Instances;

/// <summary>One server-sent event.</summary>
internal readonly record struct ServerSentEvent(string Name, string Data);
