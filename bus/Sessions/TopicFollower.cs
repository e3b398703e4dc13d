using ToolRuntime.Bus.Nats;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Sessions;

/// <summary>One reader of one call. Bounded; a reader that falls behind catches up from the store. For one reading thread at a time, which must not block after <see cref="NextAsync"/>.</summary>
public sealed class TopicFollower : IAsyncDisposable
{
    private const int Bound = 256;
    private readonly EventStore _store;
    private readonly TopicPlace _place;

    // The reader goes on on the connection's reading thread, without a hop; like a handler, it must not block there.
    private readonly LiveTail _live = new(Bound, isInline: true);
    private readonly CatchUp _catchUp;
    private readonly NatsSub _sub;
    private bool _tailIsKnown;
    private ulong _tail;
    private volatile bool _resync;
    private bool _ended;

    /// <summary>Follows <paramref name="place"/>. With its tail unknown, the SUB goes out with what is published next: without a call, no event can come.</summary>
    internal TopicFollower(EventStore store, TopicPlace place, bool tailIsKnown, ulong tail)
    {
        _store = store;
        _place = place;
        _tailIsKnown = tailIsKnown;
        _tail = tail;
        _catchUp = new CatchUp(store, place);
        _resync = tailIsKnown;
        _sub = store.JetStream.Connection.Subscribe(place.LiveSubject, null, OnLive, Resync, tailIsKnown ? NatsFlush.Soon : NatsFlush.Later);
    }

    /// <summary>The next event, or null after a terminal one was given.</summary>
    public async ValueTask<TopicEvent?> NextAsync(CancellationToken cancellationToken)
    {
        while (!_ended)
        {
            var message = await NextStoredAsync(cancellationToken) ?? NextLive();
            if (message is { } next)
            {
                return await GiveAsync(next, cancellationToken);
            }

            if (_ended)
            {
                return _catchUp.IsGone ? new TopicEvent(_place.Invocation, _tail, new InvocationEvent(EventKind.Gone, "{}"u8.ToArray())) : null;
            }

            if (!_resync)
            {
                await _live.WaitToReadAsync(cancellationToken);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _sub.Dispose();
        return default;
    }

    /// <summary>Something may have been missed; the next read looks into the store.</summary>
    internal void Resync()
    {
        _resync = true;
        _live.Wake();
    }

    private void OnLive(NatsMsg message)
    {
        if (!_live.TryAdd(message))
        {
            _resync = true;
        }
    }

    private async ValueTask<NatsMsg?> NextStoredAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_resync)
            {
                _resync = false;
                await _catchUp.BeginAsync(_tail, cancellationToken);
            }

            var message = await _catchUp.NextAsync(cancellationToken);
            _ended |= _catchUp.IsGone || _catchUp.IsPastEnd;
            return message;
        }
        catch (Exception)
        {
            // What was asked for ahead went with this call's token; the next call looks again.
            _resync = true;
            throw;
        }
    }

    /// <summary>The next live message that continues the chain; one that does not shows a gap.</summary>
    private NatsMsg? NextLive()
    {
        while (!_resync && !_ended && _live.TryRead(out var message))
        {
            if (!message.Headers.TryGetNumber("Nats-Sequence"u8, out var sequence) || sequence <= _tail)
            {
                continue;
            }

            message.Headers.TryGetNumber("Nats-Last-Sequence"u8, out var previous);
            if (_tailIsKnown && previous != _tail)
            {
                _resync = true;
                return null;
            }

            return message;
        }

        return null;
    }

    private async ValueTask<TopicEvent?> GiveAsync(NatsMsg message, CancellationToken cancellationToken)
    {
        try
        {
            var next = await _store.EventOfAsync(_place, message, cancellationToken);
            _tail = next.Sequence;
            _tailIsKnown = true;
            _ended = next.Event.IsTerminal;
            return next;
        }
        catch (Exception)
        {
            // The message is out of its row; the next call finds it in the store.
            _resync = true;
            throw;
        }
    }
}
