namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>A resource limit of a container's processes.</summary>
internal sealed record Ulimit(string Name, long Soft, long Hard);
