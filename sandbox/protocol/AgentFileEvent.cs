namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Something that happened in a watched folder.</summary>
/// <param name="Type">One of <see cref="AgentFileEventType"/>.</param>
/// <param name="Name">Path below the watched folder; empty for <see cref="AgentFileEventType.Overflow"/>.</param>
/// <param name="Entry">The file, where the watch describes files, and it still stands.</param>
public sealed record AgentFileEvent(string Type, string Name, AgentFile? Entry = null);
