namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>A container of a list.</summary>
internal sealed record ContainerListResponse(string Id, IReadOnlyDictionary<string, string>? Labels);
