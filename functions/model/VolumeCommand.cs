namespace ToolRuntime.Functions;

/// <summary>
/// Tells a runtime what to do with a volume: part request <see cref="CreateName"/> to any, <see cref="RequestNameOf"/> to the one that has it,
/// this record as JSON; the answer is <see cref="VolumeAnswer"/>.
/// </summary>
public sealed record VolumeCommand
{
    /// <summary>The part request that makes one.</summary>
    public const string CreateName = "volume.create";

    /// <summary>What to do.</summary>
    public required VolumeOperation Operation { get; init; }

    /// <summary>Whose.</summary>
    public required string Tenant { get; init; }

    /// <summary>Which; the id of a new one.</summary>
    public required string Id { get; init; }

    /// <summary>The name of a new one.</summary>
    public string? Name { get; init; }

    /// <summary>Most that a new one holds, MiB; 0 for what the disk holds, null for what host.json says.</summary>
    public long? QuotaMiB { get; init; }

    /// <summary>The part request that carries it to <paramref name="runtime"/>.</summary>
    public static string RequestNameOf(string runtime) => $"volume.do.{runtime}";
}
