using System.Collections.Concurrent;
using System.Text.Json;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.KeyValue;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Mailboxes;

/// <summary>
/// One look into a mailbox: what is overdue first, then what is new, each read by its sequence, and the entry of the receivers swapped where
/// nobody else was first. The subject's last message is looked at before anything is sought: seeking beyond it would scan the stream.
/// </summary>
internal sealed class MailboxTaking(NatsJSContext js, NatsKVStore states, KeptValues values, MailboxOptions options, TimeProvider time)
{
    /// <summary>Most messages of one look.</summary>
    public const int MostAtOnce = 100;

    private const int MostOpen = 1_000;
    private const int MostRemembered = 16_384;

    /// <summary>Entries as this process wrote them last: mostly it is the only receiver, and need not ask. The swap tells where it is not.</summary>
    private readonly ConcurrentDictionary<string, (MailboxState State, ulong Revision)> _remembered = new(StringComparer.Ordinal);

    /// <summary>Takes messages; gives them and when the next lease runs out. Where a message is known to have come (<paramref name="hasCome"/>), it is sought at once.</summary>
    /// <exception cref="FunctionFaultException">Number or lease are out of bounds.</exception>
    public async ValueTask<(IReadOnlyList<MailboxMessage> Messages, DateTimeOffset? Overdue)> TakeAsync(MailboxPlace place, (int Max, TimeSpan Lease) how, bool hasCome, CancellationToken cancellationToken)
    {
        var (max, lease) = how;
        if (max is < 1 or > MostAtOnce || lease < TimeSpan.FromSeconds(1) || lease > TimeSpan.FromHours(12))
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"{max} messages for {lease.TotalSeconds:0.###} s cannot be taken", $"1 to {MostAtOnce} messages, for 1 to 43200 seconds");
        }

        while (true)
        {
            var (state, revision, isFresh) = await StateAsync(place, mustBeFresh: !hasCome, cancellationToken);
            var taken = new List<MailboxMessage>();
            var next = await AgainAsync(place, state, (taken, max, lease), cancellationToken);
            next = await NewAsync(place, next, (taken, max, lease), hasCome, cancellationToken);
            if (ReferenceEquals(next, state) ? isFresh : await TryPutAsync(place, next, revision, cancellationToken))
            {
                return (taken, next.NextOverdue);
            }

            hasCome = false;
        }
    }

    /// <summary>The receivers' entry and its revision; as it was written here last, where it need not be what stands now.</summary>
    public async ValueTask<(MailboxState State, ulong Revision, bool IsFresh)> StateAsync(MailboxPlace place, bool mustBeFresh, CancellationToken cancellationToken)
    {
        if (!mustBeFresh && _remembered.TryGetValue(place.Key, out var known))
        {
            return (known.State, known.Revision, false);
        }

        return await states.TryGetEntryAsync(place.Key, cancellationToken) is { } entry
            ? (JsonSerializer.Deserialize(entry.Value.Span, MailboxJson.Default.MailboxState) ?? new MailboxState(), entry.Revision, true)
            : (new MailboxState(), 0, true);
    }

    /// <summary>Swaps the entry; false when another was first.</summary>
    public async ValueTask<bool> TryPutAsync(MailboxPlace place, MailboxState state, ulong revision, CancellationToken cancellationToken)
    {
        if (await states.TryUpdateAsync(place.Key, JsonSerializer.SerializeToUtf8Bytes(state, MailboxJson.Default.MailboxState), revision, cancellationToken) is not { } put)
        {
            _remembered.TryRemove(place.Key, out _);
            return false;
        }

        if (_remembered.Count >= MostRemembered)
        {
            _remembered.Clear();
        }

        _remembered[place.Key] = (state, put);
        return true;
    }

    /// <summary>Removes a message that a receiver had.</summary>
    public async ValueTask RemoveAsync(MailboxPlace place, OpenMessage message, CancellationToken cancellationToken)
    {
        if (message.IsLarge)
        {
            await RemoveAsync(place, message.Sequence, cancellationToken);
        }
        else
        {
            await js.TryDeleteMessageAsync(place.Stream, message.Sequence, cancellationToken);
        }
    }

    /// <summary>Removes a message with what it holds elsewhere.</summary>
    public async ValueTask RemoveAsync(MailboxPlace place, ulong sequence, CancellationToken cancellationToken)
    {
        if (await AtAsync(place, sequence, cancellationToken) is { } message)
        {
            await RemoveAsync(place, message, cancellationToken);
        }
    }

    private async ValueTask RemoveAsync(MailboxPlace place, NatsMsg message, CancellationToken cancellationToken)
    {
        await js.TryDeleteMessageAsync(place.Stream, MailboxHeaders.SequenceOf(message), cancellationToken);
        await values.DiscardAsync(place.Tenant, message.Data, cancellationToken);
    }

    private async ValueTask<MailboxState> AgainAsync(MailboxPlace place, MailboxState state, (List<MailboxMessage> Taken, int Max, TimeSpan Lease) want, CancellationToken cancellationToken)
    {
        foreach (var open in state.Overdue(time.GetUtcNow()).ToList())
        {
            if (want.Taken.Count >= want.Max)
            {
                break;
            }

            var message = await AtAsync(place, open.Sequence, cancellationToken);
            if (message is { } dead && open.Deliveries >= options.MaximumDeliveries)
            {
                await BuryAsync(place, dead, open.Sequence, cancellationToken);
                message = null;
            }

            state = message is { } found
                ? await GiveAsync(place, state, found, (want.Taken, want.Lease, open.Deliveries + 1), cancellationToken)
                : state.Without([open.Sequence]);
        }

        return state;
    }

    private async ValueTask<MailboxState> NewAsync(MailboxPlace place, MailboxState state, (List<MailboxMessage> Taken, int Max, TimeSpan Lease) want, bool hasCome, CancellationToken cancellationToken)
    {
        if (hasCome && want.Taken.Count < want.Max && await NextAsync(place, state, cancellationToken) is { } come)
        {
            state = await GiveAsync(place, state, come, (want.Taken, want.Lease, 1), cancellationToken);
        }

        var last = want.Taken.Count < want.Max && await js.GetLastAsync(place.Stream, place.Subject, cancellationToken) is { } end ? MailboxHeaders.SequenceOf(end) : 0;
        while (want.Taken.Count < want.Max && state.Open.Count < MostOpen && state.Next <= last)
        {
            if (await NextAsync(place, state, cancellationToken) is not { } message)
            {
                break;
            }

            state = await GiveAsync(place, state, message, (want.Taken, want.Lease, 1), cancellationToken);
        }

        return state;
    }

    /// <summary>Hands a message out, or removes it where its time is over or it came twice.</summary>
    private async ValueTask<MailboxState> GiveAsync(MailboxPlace place, MailboxState state, NatsMsg message, (List<MailboxMessage> Taken, TimeSpan Lease, int Deliveries) how, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (sequence, key) = (MailboxHeaders.SequenceOf(message), MailboxHeaders.KeyOf(message.Headers));
        var isUseless = MailboxHeaders.IsOver(message.Headers, now) || (how.Deliveries == 1 && state.Knows(key));
        if (isUseless || await values.ReadAsync(place.Tenant, message.Data, cancellationToken) is not { } body)
        {
            await RemoveAsync(place, message, cancellationToken);
            return state.Without([sequence]);
        }

        var open = new OpenMessage(sequence, Ids.New()[..10], now + how.Lease, how.Deliveries, key) { IsLarge = KeptValues.IsElsewhere(message.Data) };
        how.Taken.Add(MailboxHeaders.Read(message.Headers, MailboxState.IdOf(open), body, how.Deliveries));
        return state.Taken(open);
    }

    /// <summary>Where there is no room for another dead letter, this one is lost like one that is too old.</summary>
    private async ValueTask BuryAsync(MailboxPlace place, NatsMsg message, ulong sequence, CancellationToken cancellationToken)
    {
        var buried = true;
        try
        {
            await js.PublishUntilStoredAsync(place.Dead.Subject, message.Data, new NatsJSPubOpts { MsgId = $"dead-{sequence}" }, MailboxHeaders.Copy(message.Headers), time, cancellationToken);
        }
        catch (NatsJSApiException)
        {
            buried = false;
        }

        await js.TryDeleteMessageAsync(place.Stream, sequence, cancellationToken);
        await (buried ? ValueTask.CompletedTask : values.DiscardAsync(place.Tenant, message.Data, cancellationToken));
    }

    private ValueTask<NatsMsg?> NextAsync(MailboxPlace place, MailboxState state, CancellationToken cancellationToken) =>
        js.GetDirectAsync(place.Stream, new StreamMsgGetRequest { Seq = state.Next, NextBySubj = place.Subject }, cancellationToken);

    private ValueTask<NatsMsg?> AtAsync(MailboxPlace place, ulong sequence, CancellationToken cancellationToken) =>
        js.GetDirectAsync(place.Stream, new StreamMsgGetRequest { Seq = sequence }, cancellationToken);
}
