namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>Where an engine keeps what a container prints.</summary>
internal sealed record LogConfig(string Type);
