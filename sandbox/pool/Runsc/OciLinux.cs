namespace ToolRuntime.Sandbox.Runsc;

internal sealed record OciLinux(IReadOnlyList<OciNamespace> Namespaces);
