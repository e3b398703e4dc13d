using ToolRuntime.Functions;
using ToolRuntime.Runtime.Live;

namespace ToolRuntime.Runtime;

/// <summary>Section <c>toolruntime.runtime</c> of host.json: one runtime, which takes invocations and runs them in sandboxes.</summary>
public sealed record RuntimeOptions
{
    /// <summary>This runtime's id, unique among the living ones, see <see cref="Ids"/>.</summary>
    public string RuntimeId { get; init; } = Ids.New();

    /// <summary>Pools (image names) whose invocations this runtime takes.</summary>
    public IReadOnlyList<string> Pools { get; init; } = ["base", "csharp"];

    /// <summary>Most invocations taken and not yet settled, 1 to 65,536. When it is reached the rest stays in the queue.</summary>
    public int MaximumInFlight { get; init; } = 1024;

    /// <summary>Events of one call that are kept, 1 to 10,000,000; then a marked truncation.</summary>
    public int MaximumEvents { get; init; } = 100_000;

    /// <summary>Longest time that a piece of text waits for the next, to go with it as one event; zero sends each by itself.</summary>
    public TimeSpan OutputInterval { get; init; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Characters of gathered text that go at once, 1 to 262,144.</summary>
    public int OutputCharacters { get; init; } = 4096;

    /// <summary>How long a worker may take to answer a CANCEL before it is killed.</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a function's code may take to load.</summary>
    public TimeSpan LoadTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Times that a repeatable call is tried on a fresh sandbox after its worker or sandbox was lost, the first included.</summary>
    public int MaximumAttempts { get; init; } = 3;

    /// <summary>Times that a repeatable call is taken, by whichever runtime, before it is given up and kept among the dead letters, 1 to 100.</summary>
    public int MaximumDeliveries { get; init; } = 5;

    /// <summary>How long a stopping runtime lets running calls finish.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a session stays this runtime's without a heartbeat.</summary>
    public TimeSpan OwnerLifetime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary><c>host:port</c> where other processes reach this runtime's session pipes, or null inside one process.</summary>
    public string? PipeAddress { get; init; }

    /// <summary>How long layers and images stay in the machine's cache after their last use, by whichever runtime; at least two hours.</summary>
    public TimeSpan CacheUnusedFor { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Sandboxes that callers drive; null for none here.</summary>
    public LiveOptions? Live { get; init; }

    /// <summary>How deploys are built.</summary>
    public BuildOptions Build { get; init; } = new();
}
