using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Queue;

/// <summary>One consumer of a taker, with what is needed to let it go.</summary>
/// <param name="Pull">Its pulls.</param>
/// <param name="Config">How it is made.</param>
/// <param name="Key">Pool and tenant; null for the runtime's own calls, which are never let go.</param>
internal sealed record TakenConsumer(NatsJSPullConsumer Pull, ConsumerConfig Config, (string Pool, string Tenant)? Key)
{
    /// <summary>Messages of it that were taken and not settled; under the taker's lock.</summary>
    public int Unsettled { get; set; }

    /// <summary>Timestamp of its last message, or of its begin.</summary>
    public long LastUsed { get; set; }

    /// <summary>Timestamp of its begin.</summary>
    public long Since { get; init; }

    /// <summary>Whether it is asked for nothing more, because others wait for its place.</summary>
    public bool IsLeaving { get; set; }
}
