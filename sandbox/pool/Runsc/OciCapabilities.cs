namespace ToolRuntime.Sandbox.Runsc;

internal sealed record OciCapabilities(IReadOnlyList<string> Bounding, IReadOnlyList<string> Effective, IReadOnlyList<string> Permitted, IReadOnlyList<string> Inheritable);
