namespace ToolRuntime.Functions;

/// <summary>A volume: a folder of a tenant's that outlives sandboxes. What every gateway knows of it; the runtime that has it keeps this in the bus.</summary>
public sealed record VolumeRecord
{
    /// <summary>Whose.</summary>
    public required string Tenant { get; init; }

    /// <summary>Its id, see <see cref="Ids"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Its name, the tenant's only one of that, see <see cref="Names.IsVolume"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The runtime that has it.</summary>
    public required string Runtime { get; init; }

    /// <summary>The data folder of that runtime, which outlives it.</summary>
    public required string Home { get; init; }

    /// <summary>Most that it holds, MiB; 0 for what the disk holds.</summary>
    public long QuotaMiB { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}
