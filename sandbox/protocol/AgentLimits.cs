namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Resource limits of a process; 0 leaves one as it is.</summary>
/// <param name="Processes">RLIMIT_NPROC.</param>
/// <param name="OpenFiles">RLIMIT_NOFILE.</param>
/// <param name="FileBytes">RLIMIT_FSIZE.</param>
/// <param name="AddressBytes">RLIMIT_AS; only the soft limit, so that a program can give what it starts a larger one.</param>
public sealed record AgentLimits(long Processes, long OpenFiles, long FileBytes, long AddressBytes);
