namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>Fault tests run alone, one after the other: their bounds hold for a machine that does nothing else.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultCollection
{
    public const string Name = "faults";
}
