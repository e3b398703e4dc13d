namespace ToolRuntime.Sandbox.Runsc;

internal sealed record OciNamespace(string Type);
