using System.Collections.Concurrent;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.KeyValue;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Mailboxes;

/// <summary>
/// Mailboxes of tenants: a subject each, in partitioned streams, without a consumer or stream of its own. Receivers share one entry by
/// compare-and-set that says who has what and until when; a message is removed when it is acknowledged. At least once, in the order of
/// the senders but for what comes again.
/// </summary>
public sealed class Mailboxes
{
    private const int MostKnown = 65_536;
    private readonly NatsJSContext _js;
    private readonly NatsKVStore _states;
    private readonly KeptValues _values;
    private readonly MailboxOptions _options;
    private readonly int _partitions;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly MailboxTaking _taking;

    internal Mailboxes(NatsJSContext js, NatsKVStore states, ObjectStore objects, BusOptions options, TimeProvider time)
    {
        (_js, _states, _values, _options, _partitions, _time) = (js, states, new KeptValues(objects), options.Mailboxes, options.Partitions, time);
        _taking = new MailboxTaking(js, states, _values, options.Mailboxes, time);
    }

    /// <summary>Puts a message into a mailbox; returns its number once it is stored, 0 where one with the same key was sent lately.</summary>
    /// <exception cref="FunctionFaultException">QuotaExceeded: the mailbox is full. InvalidArguments: name, key, age or body do not fit.</exception>
    public async ValueTask<ulong> SendAsync(string tenant, string to, OutgoingMessage message, CancellationToken cancellationToken)
    {
        var place = MailboxPlace.Of(tenant, to, _partitions);
        await BeginAsync(place, cancellationToken);
        return await PutAsync(place, message, null, cancellationToken);
    }

    /// <summary>Takes messages, each for the lease's time; waits up to <paramref name="wait"/> for the first.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="name">The mailbox.</param>
    /// <param name="max">Most messages, 1 to 100.</param>
    /// <param name="wait">How long to wait.</param>
    /// <param name="lease">1 s to 12 h; what is not acknowledged in it comes again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<IReadOnlyList<MailboxMessage>> ReceiveAsync(string tenant, string name, int max, TimeSpan wait, TimeSpan lease, CancellationToken cancellationToken)
    {
        var place = MailboxPlace.Of(tenant, name, _partitions);
        var until = _time.GetUtcNow() + wait;
        using var arrivals = wait > TimeSpan.Zero ? new MailboxArrivals(_js.Connection, place.LiveSubject, _time) : null;
        var hasCome = false;
        while (true)
        {
            var (messages, overdue) = await _taking.TakeAsync(place, (max, lease), hasCome, cancellationToken);
            var left = until - _time.GetUtcNow();
            if (messages.Count > 0 || arrivals is null || left <= TimeSpan.Zero)
            {
                return messages;
            }

            hasCome = await arrivals.NextAsync(overdue is { } at && at < until ? at - _time.GetUtcNow() : left, cancellationToken);
        }
    }

    /// <summary>Says that messages are done; gives the ids of those that were still this receiver's.</summary>
    public async ValueTask<IReadOnlyCollection<string>> AcknowledgeAsync(string tenant, string name, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var place = MailboxPlace.Of(tenant, name, _partitions);
        for (var mustBeFresh = false; ; mustBeFresh = true)
        {
            var (state, revision, isFresh) = await _taking.StateAsync(place, mustBeFresh, cancellationToken);
            var held = state.Held(ids);
            if (!isFresh && (held.Count < ids.Count || held.Values.Any(m => m.Until <= _time.GetUtcNow())))
            {
                continue;
            }

            if (held.Count == 0)
            {
                return [];
            }

            // Both at once: whichever is lost, the message does not come again.
            var removing = Task.WhenAll(held.Values.Select(message => _taking.RemoveAsync(place, message, cancellationToken).AsTask()));
            var isPut = await _taking.TryPutAsync(place, state.Without([.. held.Values.Select(m => m.Sequence)]), revision, cancellationToken);
            await removing;
            if (isPut)
            {
                return [.. held.Keys];
            }
        }
    }

    /// <summary>Sends a message and waits for the answer's body. With a key, a request that is made again gets the answer of the first.</summary>
    /// <exception cref="FunctionFaultException">DeadlineExceeded: nobody answered in time; else as <see cref="SendAsync"/>.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> RequestAsync(string tenant, string to, OutgoingMessage message, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var place = MailboxPlace.Of(tenant, to, _partitions);
        var id = message.Key is { } key ? RequestIds.Of(tenant, to, key) : Ids.New();
        var answer = MailboxPlace.OfReply(tenant, id, _partitions);
        using var arrivals = new MailboxArrivals(_js.Connection, answer.LiveSubject, _time);
        await BeginAsync(place, cancellationToken);
        await PutAsync(place, message with { Age = message.Age ?? timeout }, id, cancellationToken);
        var until = _time.GetUtcNow() + timeout;
        while (await _js.GetLastAsync(answer.Stream, answer.Subject, cancellationToken) is var stored)
        {
            if (stored is { } found)
            {
                return await AnswerAsync(answer, found, isKept: message.Key is not null, cancellationToken);
            }

            var left = until - _time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            await arrivals.NextAsync(left, cancellationToken);
        }

        throw new FunctionFaultException(FaultCode.DeadlineExceeded, $"nobody answered in mailbox '{to}' within {timeout.TotalSeconds:0.###} s", "is somebody receiving there?");
    }

    /// <summary>Answers a request; the first answer counts.</summary>
    /// <exception cref="FunctionFaultException">It is no request, or the body does not fit.</exception>
    public async ValueTask ReplyAsync(string tenant, string replyTo, OutgoingMessage message, CancellationToken cancellationToken)
    {
        var place = MailboxPlace.OfReply(tenant, replyTo, _partitions);
        await PutAsync(place, message with { Key = "answer" }, null, cancellationToken);
    }

    /// <summary>The tenant's mailboxes and how many messages each holds.</summary>
    public async ValueTask<IReadOnlyDictionary<string, long>> ListAsync(string tenant, CancellationToken cancellationToken)
    {
        var all = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (var partition = 0; partition < _partitions; partition++)
        {
            foreach (var (subject, count) in await _js.CountsAsync(MailboxPlace.StreamName(partition), $"mb.*.{NatsSubject.Token(tenant)}.m.*", cancellationToken))
            {
                all[subject.Split('.')[4]] = count;
            }
        }

        return all;
    }

    /// <summary>The dead letters of a mailbox, at most 100, the oldest first; an id is the letter's number.</summary>
    public async ValueTask<IReadOnlyList<MailboxMessage>> DeadAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        var place = MailboxPlace.Of(tenant, name, _partitions).Dead;
        var letters = new List<MailboxMessage>();
        await foreach (var (message, sequence) in new NatsJSOrderedReader(_js, place.Stream, place.Subject, _time).ReadStoredAsync(1, cancellationToken))
        {
            if (await _values.ReadAsync(tenant, message.Data, cancellationToken) is { } body && letters.Count < MailboxTaking.MostAtOnce)
            {
                letters.Add(MailboxHeaders.Read(message.Headers, $"{sequence}", body, _options.MaximumDeliveries));
            }
        }

        return letters;
    }

    /// <summary>Puts dead letters back into their mailbox, as if they had just been sent; returns how many.</summary>
    /// <exception cref="FunctionFaultException">QuotaExceeded: the mailbox is full.</exception>
    public async ValueTask<int> ReplayAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        var place = MailboxPlace.Of(tenant, name, _partitions);
        var letters = new List<(NatsMsg Message, ulong Sequence)>();
        await foreach (var letter in new NatsJSOrderedReader(_js, place.Stream, place.Dead.Subject, _time).ReadStoredAsync(1, cancellationToken))
        {
            letters.Add(letter);
        }

        foreach (var (message, sequence) in letters)
        {
            await StoreAsync(place, message.Data, $"replay-{sequence}", MailboxHeaders.Copy(message.Headers), cancellationToken);
            await _js.TryDeleteMessageAsync(place.Stream, sequence, cancellationToken);
        }

        return letters.Count;
    }

    internal static IEnumerable<StreamConfig> Streams(BusOptions options) =>
        from partition in Enumerable.Range(0, options.Partitions)
        let subject = $"mb.{partition}.>"
        select new StreamConfig
        {
            Name = MailboxPlace.StreamName(partition),
            Subjects = [subject],
            MaxBytes = options.MailboxBytes,
            MaxAge = options.Mailboxes.MaximumAge.Ticks * 100,
            MaxMsgsPerSubject = options.Mailboxes.MaximumMessages,
            Discard = "new",
            DiscardNewPerSubject = true,
            AllowDirect = true,
            Republish = new Republish(subject, $"live.{subject}"),
            NumReplicas = options.Replicas,
        };

    private static FunctionFaultException Refused(string name, Exception error) => new(
        new FunctionFault(FaultCode.QuotaExceeded, $"mailbox '{name}' is full, or all mailboxes together are: {error.Message}", "receive and acknowledge, or raise toolruntime.mailboxes.maximumMessages"), error);

    /// <summary>
    /// Notes where a new mailbox begins, so that its first receiver looks through no older part of the stream. Before the first message is
    /// stored, and only where there is none: else what lies before would be passed over.
    /// </summary>
    private async ValueTask BeginAsync(MailboxPlace place, CancellationToken cancellationToken)
    {
        if (_known.ContainsKey(place.Key))
        {
            return;
        }

        if (await _states.TryGetEntryAsync(place.Key, cancellationToken) is null && await _js.GetLastAsync(place.Stream, place.Subject, cancellationToken) is null)
        {
            var end = (await _js.GetStreamAsync(place.Stream, cancellationToken)).State.LastSeq;
            if (await _js.GetLastAsync(place.Stream, place.Subject, cancellationToken) is null)
            {
                await _taking.TryPutAsync(place, new MailboxState { Next = end + 1 }, 0, cancellationToken);
            }
        }

        if (_known.Count >= MostKnown)
        {
            _known.Clear();
        }

        _known[place.Key] = true;
    }

    private async ValueTask<ulong> PutAsync(MailboxPlace place, OutgoingMessage message, string? replyTo, CancellationToken cancellationToken)
    {
        Check(place, message);
        var stored = await _values.StoreAsync(place.Tenant, message.Body, cancellationToken);
        var id = message.Key is { } key ? $"{place.Subject}:{Uri.EscapeDataString(key)}" : Ids.New();
        var ack = await StoreAsync(place, stored, id, MailboxHeaders.Of(message, replyTo, _time.GetUtcNow()), cancellationToken);

        // Without a key the first one was this one, whose acknowledgement was lost; with one that may be, so nothing is discarded here.
        return ack.Duplicate && message.Key is not null ? 0 : ack.Seq;
    }

    /// <summary>Stores a message once for its id.</summary>
    private async ValueTask<PubAckResponse> StoreAsync(MailboxPlace place, ReadOnlyMemory<byte> stored, string id, NatsHeaders headers, CancellationToken cancellationToken)
    {
        try
        {
            return await _js.PublishUntilStoredAsync(place.Subject, stored, new NatsJSPubOpts { MsgId = id }, headers, _time, cancellationToken);
        }
        catch (NatsJSApiException error)
        {
            throw Refused(place.Name, error);
        }
    }

    private void Check(MailboxPlace place, OutgoingMessage message)
    {
        if (message.Body.Length > _options.MaximumBodyBytes)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"the message to '{place.Name}' has {message.Body.Length} bytes, {_options.MaximumBodyBytes} are allowed", "send less, or raise toolruntime.mailboxes.maximumBodyBytes");
        }

        if (message.Key is { Length: 0 or > 128 })
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, "key: 1 to 128 characters are allowed");
        }

        if (message.Age is { } age && age <= TimeSpan.Zero)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"ttl: {age.TotalSeconds:0.###} s is no time", "a number above 0");
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(MailboxPlace answer, NatsMsg found, bool isKept, CancellationToken cancellationToken)
    {
        var body = await _values.ReadAsync(answer.Tenant, found.Data, cancellationToken) ?? throw new FunctionFaultException(FaultCode.DeadlineExceeded, "the answer is no longer kept", "ask again");
        if (!isKept)
        {
            await _taking.RemoveAsync(answer, MailboxHeaders.SequenceOf(found), cancellationToken);
        }

        return body;
    }
}
