namespace ToolRuntime.Sandbox.Runsc;

internal sealed record OciLimit(string Type, long Hard, long Soft);
