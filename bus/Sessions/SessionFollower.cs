using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Sessions;

/// <summary>
/// One reader of all calls of a session. They lie in one stream, so its sequence is one order for all of them, and one number says how far a reader
/// has come. What is stored is read by a consumer that lives as long as that takes, then the live tail; a gap sends the reader back to what is stored.
/// For one reading thread at a time.
/// </summary>
public sealed class SessionFollower : IAsyncDisposable
{
    private const int Bound = 1024;
    private static readonly TimeSpan _retryAfter = TimeSpan.FromMilliseconds(200);
    private readonly EventStore _store;
    private readonly string _stream;
    private readonly string _filter;
    private readonly string _tenant;
    private readonly TimeProvider _time;
    private readonly LiveTail _live = new(Bound, isInline: false);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Queue<TopicEvent> _ready = new();
    private readonly NatsSub _sub;
    private readonly ulong _after;
    private IAsyncEnumerator<(NatsMsg Message, ulong Sequence)>? _stored;
    private ulong _tail;
    private volatile bool _resync = true;

    internal SessionFollower(EventStore store, (string Stream, string Filter, string Tenant) place, ulong after, bool isGone, TimeProvider time)
    {
        _store = store;
        (_stream, _filter, _tenant) = place;
        _time = time;
        _after = _tail = after;
        if (isGone)
        {
            _ready.Enqueue(new TopicEvent("", after, new InvocationEvent(EventKind.Gone, "{}"u8.ToArray())));
        }

        _sub = store.JetStream.Connection.Subscribe($"live.{_filter}", null, OnLive, Resync);
    }

    /// <summary>Whether all that stood when the reader came has been given; what follows is live.</summary>
    public bool IsCaughtUp { get; private set; }

    /// <summary>
    /// The next event; null once, when all that stood has been given (<see cref="IsCaughtUp"/>). A call whose first events are no longer kept yields one
    /// <see cref="EventKind.Gone"/> before the rest.
    /// </summary>
    public async ValueTask<TopicEvent?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_ready.TryDequeue(out var ready))
            {
                return ready;
            }

            var message = _resync || _stored is not null ? await NextStoredAsync(cancellationToken) : await NextLiveAsync(cancellationToken);
            if (message is { } next)
            {
                await TakeAsync(next.Message, next.Sequence, cancellationToken);
            }
            else if (!IsCaughtUp && !_resync && _stored is null)
            {
                IsCaughtUp = true;
                return null;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _sub.Dispose();
        await CloseAsync();
    }

    private void Resync()
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

    private async ValueTask<(NatsMsg Message, ulong Sequence)?> NextStoredAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_stored is null)
            {
                _resync = false;
                _stored = new NatsJSOrderedReader(_store.JetStream, _stream, _filter, _time).ReadStoredAsync(_tail + 1, cancellationToken).GetAsyncEnumerator(cancellationToken);
            }

            if (await _stored.MoveNextAsync())
            {
                return _stored.Current;
            }

            await CloseAsync();
            return null;
        }
        catch (NatsException)
        {
            // The server is away: what is stored is read again from where this reader is.
            await CloseAsync();
            _resync = true;
            await Task.Delay(_retryAfter, _time, cancellationToken);
            return null;
        }
        catch (OperationCanceledException)
        {
            // The token ends with the caller's wait; the next one begins to read anew.
            await CloseAsync();
            _resync = true;
            throw;
        }
    }

    private async ValueTask CloseAsync()
    {
        if (_stored is { } stored)
        {
            _stored = null;
            await stored.DisposeAsync();
        }
    }

    /// <summary>The next live message; one whose predecessor on its subject was not given shows a gap.</summary>
    private async ValueTask<(NatsMsg Message, ulong Sequence)?> NextLiveAsync(CancellationToken cancellationToken)
    {
        await _live.WaitToReadAsync(cancellationToken);
        if (!_live.TryRead(out var message) || _resync || !message.Headers.TryGetNumber("Nats-Sequence"u8, out var sequence) || sequence <= _tail)
        {
            return null;
        }

        message.Headers.TryGetNumber("Nats-Last-Sequence"u8, out var previous);
        if (previous > _tail)
        {
            _resync = true;
            return null;
        }

        return (message with { Subject = message.Headers["Nats-Subject"u8] ?? message.Subject }, sequence);
    }

    private async ValueTask TakeAsync(NatsMsg message, ulong sequence, CancellationToken cancellationToken)
    {
        if (sequence <= _tail)
        {
            return;
        }

        var invocation = message.Subject[(message.Subject.LastIndexOf('.') + 1)..];
        if (invocation == TopicPlace.Index)
        {
            _tail = sequence;
            return;
        }

        var next = await EventOfAsync(new TopicPlace(_stream, message.Subject, invocation, _tenant), message, sequence, cancellationToken);
        _tail = sequence;
        if (_seen.Add(invocation) && EventChain.Earlier(message.Headers) is [var earlier, ..] && earlier > _after)
        {
            _ready.Enqueue(new TopicEvent(invocation, earlier, new InvocationEvent(EventKind.Gone, "{}"u8.ToArray())));
        }

        _ready.Enqueue(next);
    }

    private async ValueTask<TopicEvent> EventOfAsync(TopicPlace place, NatsMsg message, ulong sequence, CancellationToken cancellationToken)
    {
        try
        {
            return await _store.EventOfAsync(place, message, sequence, cancellationToken);
        }
        catch (Exception)
        {
            // The message is out of its row; the next call reads on in the store from the one before it.
            await CloseAsync();
            _resync = true;
            throw;
        }
    }
}
