namespace ToolRuntime.Tests.Integration;

/// <summary>Random tests take their seed here, print it when they fail, and replay from it.</summary>
internal static class TestSeed
{
    private const string Variable = "TOOLRT_TEST_SEED";

    public static int Next() => int.TryParse(Environment.GetEnvironmentVariable(Variable), out var given) ? given : Random.Shared.Next();

    /// <summary>What a failure says.</summary>
    public static string Replay(int seed) => $"seed {seed} ({Variable}={seed} replays it)";
}
