using System.Text.Json;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Calls;

/// <summary>Step 4 of the way of a call, for a delivery that is not the first: what the earlier runtime left on the topic.</summary>
/// <param name="Last">Kind of the last event, or null.</param>
/// <param name="HandedOver">Whether it was given back before any code ran.</param>
/// <param name="IsKept">Whether it has kept a checkpoint or the result of a step.</param>
/// <param name="Checkpoint">The last state that the function kept, as JSON, or empty.</param>
internal readonly record struct Redelivery(EventKind? Last, bool HandedOver, bool IsKept, ReadOnlyMemory<byte> Checkpoint)
{
    /// <summary>Whether it is known that no code ran: nothing is stored of a call that says so before it begins. A delivery may get lost on the way, with a connection that is dead and not known to be.</summary>
    public bool IsUnbegun { get; init; }

    /// <summary>Looks: the last event, and where it is no terminal one what the call kept. Two gets, however much the call has said.</summary>
    public static async ValueTask<Redelivery> ReadAsync(CallKeep keep, TopicWriter writer, CancellationToken cancellationToken)
    {
        if (writer.Last is { Event: { IsTerminal: true } terminal })
        {
            return new Redelivery(terminal.Kind, HandedOver: false, IsKept: false, default);
        }

        var (isKept, checkpoint) = await keep.ReadAsync(cancellationToken);
        return new Redelivery(writer.Last?.Event.Kind, writer.Last is { } last && IsHandover(last.Event), isKept, checkpoint);
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
}
