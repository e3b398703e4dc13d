namespace ToolRuntime.Sandbox.Volumes;

/// <summary>Section <c>toolruntime.volumes</c> of host.json.</summary>
public sealed record VolumeOptions
{
    /// <summary>The quota of a volume that is made without one, unless host.json says another.</summary>
    public const long DefaultQuotaMiB = 10_240;

    /// <summary>Least and most that a quota can be, MiB.</summary>
    public static (long Least, long Most) Quotas { get; } = (8, 16L << 20);

    /// <summary>Where volumes lie.</summary>
    public required string Folder { get; init; }

    /// <summary>Quota of a volume that is made without one, MiB; 0 for none.</summary>
    public long QuotaMiB { get; init; } = DefaultQuotaMiB;

    /// <summary>Most volumes of one tenant.</summary>
    public int MaximumOfTenant { get; init; } = 1000;
}
