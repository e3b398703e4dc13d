namespace ToolRuntime.Sandbox.Runsc;

internal sealed record OciUser(int Uid, int Gid);
