namespace ToolRuntime.Sandbox.Runsc;

internal sealed record OciMount(string Destination, string Type, string Source, IReadOnlyList<string> Options);
