namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>A container that was made.</summary>
internal sealed record CreateContainerResponse(string Id);
