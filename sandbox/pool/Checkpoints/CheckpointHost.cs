namespace ToolRuntime.Sandbox.Checkpoints;

/// <summary>What of a machine and its programs a checkpoint depends on.</summary>
/// <param name="Runsc">gVisor's release, yyyymmdd.</param>
/// <param name="RunscDigest">Lower-case hex SHA-256 of the program: another build reads another state.</param>
/// <param name="Platform">gVisor's platform.</param>
/// <param name="Channel">Version of the channel to the agent.</param>
/// <param name="Architecture">The processor's.</param>
/// <param name="CpuFlags">What the processor can, which programs have looked up and go on using.</param>
public sealed record CheckpointHost(int Runsc, string RunscDigest, string Platform, uint Channel, string Architecture, IReadOnlyList<string> CpuFlags)
{
    /// <summary>The host's .NET, where the sandbox has it bound; null elsewhere.</summary>
    public string? Dotnet { get; init; }
}
