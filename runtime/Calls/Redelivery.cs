using System.Text.Json;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Calls;

/// <summary>Step 4 of the way of a call, for a delivery that is not the first: what the earlier runtime left on the topic.</summary>
/// <param name="Last">Kind of the last event, or null.</param>
/// <param name="HandedOver">Whether it was given back before any code ran.</param>
/// <param name="Checkpoint">The last state that the function kept, as JSON, or empty.</param>
internal readonly record struct Redelivery(EventKind? Last, bool HandedOver, ReadOnlyMemory<byte> Checkpoint)
{
    /// <summary>Reads the topic. A first delivery has nothing to read.</summary>
    public static async ValueTask<Redelivery> ReadAsync(SessionTopics topics, TopicKey key, TopicWriter writer, CancellationToken cancellationToken)
    {
        if (writer.Last is not { } last)
        {
            return default;
        }

        if (last.Event.IsTerminal)
        {
            return new Redelivery(last.Event.Kind, HandedOver: false, default);
        }

        var checkpoint = await LastCheckpointAsync(topics, key, last, cancellationToken);
        return new Redelivery(last.Event.Kind, IsHandover(last.Event), checkpoint);
    }

    private static bool IsHandover(InvocationEvent value)
    {
        try
        {
            return value.Kind == EventKind.Started
                && JsonSerializer.Deserialize(value.Data.Span, EventJson.Default.StartedData) is { Handover: true };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async ValueTask<ReadOnlyMemory<byte>> LastCheckpointAsync(SessionTopics topics, TopicKey key, TopicEvent last, CancellationToken cancellationToken)
    {
        if (last.Event.Kind == EventKind.Checkpoint)
        {
            return GuestJson.Member(last.Event.Data, "state"u8);
        }

        ReadOnlyMemory<byte> found = default;
        await using var reader = await topics.FollowFromAsync(key, 0, cancellationToken);
        while (await reader.NextAsync(cancellationToken) is { } next)
        {
            if (next.Event.Kind == EventKind.Checkpoint)
            {
                found = GuestJson.Member(next.Event.Data, "state"u8);
            }

            if (next.Sequence >= last.Sequence || next.Event.IsTerminal)
            {
                break;
            }
        }

        return found;
    }
}
