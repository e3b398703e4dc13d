namespace ToolRuntime.Sandbox.Docker.Engine;

/// <summary>What an image says of its containers.</summary>
internal sealed record ImageConfig(IReadOnlyList<string>? Env, string? WorkingDir);
