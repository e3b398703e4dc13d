namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>Tests that count what belongs to the whole process run beside no others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
