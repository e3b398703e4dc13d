using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Bus.Sessions;

/// <summary>
/// Reads what a follower missed: walks back from the call's last event to the last that was given, then fetches forwards, some ahead. Whoever reads goes on on
/// the thread that reads the connection.
/// </summary>
internal sealed class CatchUp(EventStore store, TopicPlace place)
{
    private static readonly NatsRequestOpts _inline = new() { AnswersInline = true };
    private readonly ForwardFetch _missing = new(store, place, isInline: true);

    /// <summary>Whether something that was asked for is no longer kept.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Whether the reader has had the call's last event already.</summary>
    public bool IsPastEnd { get; private set; }

    /// <summary>Finds what lies after <paramref name="tail"/> (0: from the begin).</summary>
    public async ValueTask BeginAsync(ulong tail, CancellationToken cancellationToken)
    {
        _missing.Clear();
        var last = await store.LastAnsweredAsync(place, _inline, cancellationToken);
        if (last is not { } message)
        {
            IsGone = tail > 0;
            return;
        }

        message.Headers.TryGetNumber("Nats-Sequence"u8, out var sequence);
        if (sequence <= tail)
        {
            IsGone = sequence < tail;
            IsPastEnd = !IsGone && EventCodec.Decode(message.Data).Event.IsTerminal;
            return;
        }

        await WalkAsync(message, sequence, tail, cancellationToken);
    }

    /// <summary>The next missed message, or null when there is none, or <see cref="IsGone"/>.</summary>
    public async ValueTask<NatsMsg?> NextAsync(CancellationToken cancellationToken)
    {
        var (isThere, message) = await _missing.NextAsync(cancellationToken);
        IsGone |= isThere && message is null;
        return message;
    }

    private async ValueTask WalkAsync(NatsMsg from, ulong sequence, ulong tail, CancellationToken cancellationToken)
    {
        _missing.Push(sequence);
        _missing.Know(sequence, from);
        var earlier = EventChain.Earlier(from.Headers);
        while (earlier.Count > 0)
        {
            foreach (var previous in earlier)
            {
                if (previous <= tail)
                {
                    return;
                }

                _missing.Push(previous);
            }

            if (await store.AtAsync(place, earlier[^1], _inline, cancellationToken) is not { } message)
            {
                IsGone = true;
                _missing.Clear();
                return;
            }

            _missing.Know(earlier[^1], message);
            earlier = EventChain.Earlier(message.Headers);
        }
    }
}
