namespace ToolRuntime.Sandbox.Runsc;

internal sealed record OciRoot(string Path, bool Readonly);
