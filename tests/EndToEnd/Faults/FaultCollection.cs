namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>What runs alone, one after the other: its bounds hold for a machine that does nothing else, or it takes all of it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultCollection
{
    public const string Name = "faults";
}
