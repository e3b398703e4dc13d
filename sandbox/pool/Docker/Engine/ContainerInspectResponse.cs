namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>A container in detail.</summary>
internal sealed record ContainerInspectResponse(string Id, ContainerState State);
