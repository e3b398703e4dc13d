namespace ToolRuntime.Sandbox.Runsc;

internal sealed record OciProcess(
    OciUser User,
    IReadOnlyList<string> Args,
    IReadOnlyList<string> Env,
    string Cwd,
    OciCapabilities Capabilities,
    IReadOnlyList<OciLimit> Rlimits,
    bool NoNewPrivileges);
