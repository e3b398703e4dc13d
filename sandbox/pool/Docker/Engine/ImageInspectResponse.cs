namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>An image in detail.</summary>
internal sealed record ImageInspectResponse(string Id, ImageConfig? Config);
