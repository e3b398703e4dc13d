using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Sessions;

/// <summary>Reads stored events of calls, payloads kept elsewhere included. Reads go on trying while the server is away, until the token ends.</summary>
internal sealed class EventStore(NatsJSContext js, ObjectStore objects, TimeProvider time)
{

    /// <summary>JetStream.</summary>
    public NatsJSContext JetStream => js;

    /// <summary>Where large data is kept.</summary>
    public ObjectStore Objects => objects;

    /// <summary>A call's last stored message, or null.</summary>
    public ValueTask<NatsMsg?> LastAsync(TopicPlace place, CancellationToken cancellationToken) => js.GetLastAsync(place.Stream, place.Subject, cancellationToken);

    /// <summary>The same, and goes on trying.</summary>
    public ValueTask<NatsMsg?> LastAnsweredAsync(TopicPlace place, CancellationToken cancellationToken) => LastAnsweredAsync(place, default, cancellationToken);

    /// <summary>The same, in a way of its own.</summary>
    public ValueTask<NatsMsg?> LastAnsweredAsync(TopicPlace place, NatsRequestOpts opts, CancellationToken cancellationToken) =>
        UntilAnsweredAsync(() => js.GetLastAsync(place.Stream, place.Subject, opts, cancellationToken), cancellationToken);

    /// <summary>The message at a sequence, or null when it is no longer kept.</summary>
    public ValueTask<NatsMsg?> AtAsync(TopicPlace place, ulong sequence, CancellationToken cancellationToken) => AtAsync(place, sequence, default, cancellationToken);

    /// <summary>The same, in a way of its own.</summary>
    public ValueTask<NatsMsg?> AtAsync(TopicPlace place, ulong sequence, NatsRequestOpts opts, CancellationToken cancellationToken) =>
        UntilAnsweredAsync(() => js.GetDirectAsync(place.Stream, new StreamMsgGetRequest { Seq = sequence }, opts, cancellationToken), cancellationToken);

    /// <summary>The event in a message.</summary>
    public ValueTask<TopicEvent> EventOfAsync(TopicPlace place, NatsMsg message, CancellationToken cancellationToken)
    {
        message.Headers.TryGetNumber("Nats-Sequence"u8, out var sequence);
        return EventOfAsync(place, message, sequence, cancellationToken);
    }

    /// <summary>The event in a message whose sequence is known.</summary>
    public ValueTask<TopicEvent> EventOfAsync(TopicPlace place, NatsMsg message, ulong sequence, CancellationToken cancellationToken)
    {
        var (value, reference) = EventCodec.Decode(message.Data);
        return reference is null
            ? new ValueTask<TopicEvent>(new TopicEvent(place.Invocation, sequence, value))
            : FetchAsync(place, sequence, value.Kind, reference, cancellationToken);
    }

    private ValueTask<T> UntilAnsweredAsync<T>(Func<ValueTask<T>> get, CancellationToken cancellationToken) => NatsRetry.UntilAnsweredAsync(get, time, cancellationToken);

    private async ValueTask<TopicEvent> FetchAsync(TopicPlace place, ulong sequence, EventKind kind, string reference, CancellationToken cancellationToken)
    {
        var data = await UntilAnsweredAsync(() => objects.TryGetPayloadAsync(place.Tenant, reference, cancellationToken), cancellationToken);
        return new TopicEvent(place.Invocation, sequence, data is { } kept ? new InvocationEvent(kind, kept) : new InvocationEvent(EventKind.Gone, "{}"u8.ToArray()));
    }
}
