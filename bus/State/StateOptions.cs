namespace ToolRuntime.Bus.State;

/// <summary>Bounds of what functions and agents remember; section <c>toolruntime.state</c> of host.json.</summary>
public sealed record StateOptions
{
    /// <summary>Largest value, bytes of JSON.</summary>
    public int MaximumValueBytes { get; init; } = 64 * 1024;

    /// <summary>Most keys of one session.</summary>
    public int MaximumSessionKeys { get; init; } = 1_000;

    /// <summary>Most keys that a tenant has beside those of its sessions.</summary>
    public int MaximumTenantKeys { get; init; } = 10_000;

    /// <summary>How long a session's value stands after it was written, where its writer names no time.</summary>
    public TimeSpan SessionAge { get; init; } = TimeSpan.FromHours(24);
}
