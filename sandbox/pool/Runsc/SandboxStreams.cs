using ToolRuntime.Sandbox.Native;

namespace ToolRuntime.Sandbox.Runsc;

/// <summary>The host's ends of a sandbox's standard streams.</summary>
internal sealed record SandboxStreams(Stream FromAgent, Stream ToAgent, BoundedLog Log);
