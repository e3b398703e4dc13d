namespace ToolRuntime.Gateway.Collection;

/// <summary>Section <c>toolruntime.collection</c> of host.json, as far as the gateway has a part in it: which versions, layers and packages are kept.</summary>
public sealed record CollectionOptions
{
    /// <summary>Versions of a function that are kept for <c>rollback</c>, the newest, the active one among them; 1 to 20.</summary>
    public int KeepVersions { get; init; } = 10;

    /// <summary>How long anything is kept after its last use; longer than a build takes.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Time between two rounds.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Most things that one round removes; the next goes on.</summary>
    public int MaximumPerRound { get; init; } = 1_000;
}
