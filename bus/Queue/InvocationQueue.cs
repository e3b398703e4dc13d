using System.Runtime.CompilerServices;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Queue;

/// <summary>
/// The durable queue: stream INVOKE, work-queue retention, subjects <c>inv.any.{pool}.{tenant}.{function}</c> and
/// <c>inv.own.{runtime}.{pool}.{tenant}.{function}</c>.
/// </summary>
public sealed partial class InvocationQueue : IDisposable
{
    internal const string Stream = "INVOKE";
    private const int LargestInMessage = 512 * 1024;
    private const int MostUnsettled = 65_536;
    private const int MostDeliveries = 1_000_000;
    private static readonly long[] s_backoff = [1, 2, 4, 6];
    private static readonly TimeSpan _retryAfter = TimeSpan.FromMilliseconds(200);
    private static readonly byte[] _terminate = "+TERM"u8.ToArray();
    private readonly NatsJSContext _js;
    private readonly ObjectStore _objects;
    private readonly TimeSpan _ackDeadline;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly DeliverySettling _settling;
    private readonly TenantHints _hints;

    internal InvocationQueue(NatsJSContext js, ObjectStore objects, TimeSpan ackDeadline, ILogger logger, TimeProvider time)
    {
        _hints = new TenantHints(js.Connection, time);
        _js = js;
        _objects = objects;
        _ackDeadline = ackDeadline;
        _logger = logger;
        _time = time;
        _settling = new DeliverySettling(js.Connection, time);
    }

    /// <summary>
    /// Puts <paramref name="invocation"/> into the queue; returns once it is stored. Retries with the same message id
    /// until the token ends. The caller goes on on the connection's reading thread, and must not block. Arguments above 512 KiB go to the object store and travel by reference.
    /// </summary>
    /// <param name="invocation">What to run.</param>
    /// <param name="owner">Runtime that owns the session, or null for any. Part of the message id, so that a call can be sent on to another owner.</param>
    /// <exception cref="FunctionFaultException">QuotaExceeded: the queue is full.</exception>
    public ValueTask EnqueueAsync(Invocation invocation, string? owner, CancellationToken cancellationToken) =>
        EnqueueAsync(invocation, SubjectOf(invocation, owner), owner is null ? invocation.Id : $"{invocation.Id}@{owner}", default, cancellationToken);

    /// <summary>Sends a delivery's call on to the present owner of its session, once in each of its epochs; an attempt that was made goes with it.</summary>
    /// <exception cref="FunctionFaultException">QuotaExceeded: the queue is full.</exception>
    public ValueTask SendOnAsync(Delivery delivery, SessionOwner owner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        ArgumentNullException.ThrowIfNull(owner);
        var headers = delivery.Attempt > 1 ? DeadOwners.Taken : default;
        return EnqueueAsync(delivery.Invocation, SubjectOf(delivery.Invocation, owner.Runtime), MessageIdOf(delivery.Invocation, owner), headers, cancellationToken);
    }

    /// <summary>The invocation as a message can carry it: arguments above 512 KiB are kept elsewhere.</summary>
    internal async ValueTask<Invocation> WithoutLargeArgumentsAsync(Invocation invocation, CancellationToken cancellationToken) =>
        invocation.Arguments.Length <= LargestInMessage
            ? invocation
            : invocation with { Arguments = default, ArgumentsReference = await _objects.PutPayloadAsync(invocation.Caller.Tenant, invocation.Arguments, cancellationToken) };

    private async ValueTask EnqueueAsync(Invocation invocation, string subject, string messageId, NatsHeaders headers, CancellationToken cancellationToken)
    {
        invocation = await WithoutLargeArgumentsAsync(invocation, cancellationToken);
        try
        {
            var options = new NatsJSPubOpts { MsgId = messageId, AnswersInline = true };
            await _js.PublishUntilStoredAsync(subject, InvocationCodec.Encode(invocation), options, headers, _time, cancellationToken);
            _hints.Tell(invocation.Pool, invocation.Caller.Tenant);
        }
        catch (NatsJSApiException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.QuotaExceeded, $"The invocation queue does not take the call: {error.Error.Description}.", "Try again later, or raise toolruntime.bus.queueBytes."), error);
        }
    }

    /// <summary>
    /// Deliveries for the pools, and those owned by <paramref name="runtime"/>, at most <paramref name="capacity"/> unsettled at once; as many again are taken ahead, and begin in fair
    /// order (<see cref="FairOrder{T}"/>). In-progress is sent for each every 3 s until it is settled. Ends with the token; survives reconnects. Who takes one is on the thread that reads the
    /// connection, and must not block it.
    /// </summary>
    public async IAsyncEnumerable<Delivery> TakeAsync(string runtime, IReadOnlyList<string> pools, int capacity, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        using var taker = new InvocationTaker(_js, capacity, _settling.Add, _logger, _time);
        taker.Add(Stream, OwnedConsumer(runtime), key: null);
        using var tenants = new TenantConsumers(_js, pools, TenantConsumer, _time);
        using var hints = _hints.Listen([.. pools], tenants.Hint);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var caring = Task.WhenAll(
            taker.CareAsync(_js.Connection, tenants, ending.Token),
            new ForgottenDeliveries(_js, _ackDeadline, _logger, _time).WatchAsync(() => taker.Consumers, ending.Token));
        try
        {
            await foreach (var message in taker.Messages.ReadAllAsync(CancellationToken.None))
            {
                if (await TryDeliverAsync(taker, message, cancellationToken) is { } delivery)
                {
                    yield return delivery;
                }
            }
        }
        finally
        {
            await ending.CancelAsync();
            await caring;
            await GiveBackAsync(taker);
        }
    }

    /// <summary>Messages not yet acknowledged, by pool; for readiness, scaling and metrics.</summary>
    public async ValueTask<long> DepthAsync(string pool, CancellationToken cancellationToken)
    {
        NatsSubject.Token(pool);
        var any = await _js.CountMessagesAsync(Stream, $"inv.any.{pool}.>", cancellationToken);
        return any + await _js.CountMessagesAsync(Stream, $"inv.own.*.{pool}.>", cancellationToken);
    }

    /// <summary>Messages not yet acknowledged by pool, tenant and function, those of owned sessions included.</summary>
    public async ValueTask<IReadOnlyDictionary<(string Pool, string Tenant, string Function), long>> DepthsAsync(CancellationToken cancellationToken)
    {
        var depths = new Dictionary<(string, string, string), long>();
        foreach (var (subject, count) in await _js.CountsAsync(Stream, "inv.>", cancellationToken))
        {
            if (subject.Split('.') is [.., var pool, var tenant, var function])
            {
                depths[(pool, tenant, function)] = depths.GetValueOrDefault((pool, tenant, function)) + count;
            }
        }

        return depths;
    }

    /// <inheritdoc/>
    public void Dispose() => _settling.Dispose();

    internal static string SubjectOf(Invocation invocation, string? owner)
    {
        var tail = $"{NatsSubject.Token(invocation.Pool)}.{NatsSubject.Token(invocation.Caller.Tenant)}.{NatsSubject.Token(invocation.Function)}";
        return owner is null ? $"inv.any.{tail}" : $"inv.own.{NatsSubject.Token(owner)}.{tail}";
    }

    internal static string MessageIdOf(Invocation invocation, SessionOwner owner) => $"{invocation.Id}@{owner.Runtime}@{owner.Epoch}";

    internal static string OwnedConsumerOf(string runtime) => $"own_{NatsSubject.Token(runtime)}";

    internal static StreamConfig StreamOf(long maxBytes, int maxConsumers, int replicas) => new()
    {
        Name = Stream,
        Subjects = ["inv.>"],
        Retention = "workqueue",
        Discard = "new",
        MaxBytes = maxBytes,
        MaxConsumers = maxConsumers,
        AllowDirect = true,
        NumReplicas = replicas,
    };

    /// <summary>What was taken and not settled comes again after the ack deadline, and later each time: what ends its runtimes does so seldom.</summary>
    private ConsumerConfig TenantConsumer((string Pool, string Tenant) key) =>
        ConsumerOf($"any_{NatsSubject.Token(key.Pool)}_{NatsSubject.Token(key.Tenant)}", $"inv.any.{key.Pool}.{key.Tenant}.>") with
        {
            // Servers of 2.9 take no backoff without a limit above its length; how often a call is taken at most is the runtime's to say.
            MaxDeliver = MostDeliveries,
            BackOff = [.. s_backoff.Select(factor => _ackDeadline.Ticks * 100 * factor)],
            InactiveThreshold = TimeSpan.FromDays(1).Ticks * 100,
        };

    /// <summary>Goes away by itself some time after its runtime has.</summary>
    private ConsumerConfig OwnedConsumer(string runtime) =>
        ConsumerOf(OwnedConsumerOf(runtime), $"inv.own.{runtime}.>") with { InactiveThreshold = TimeSpan.FromHours(1).Ticks * 100 };

    private ConsumerConfig ConsumerOf(string name, string filter) => new()
    {
        DurableName = name,
        FilterSubject = filter,
        AckWait = _ackDeadline.Ticks * 100,
        MaxAckPending = MostUnsettled,
        MaxWaiting = 4096,
    };

    /// <summary>Reads a message; one that can never be read is ended, one that is not begun when the token ends is given back.</summary>
    private async ValueTask<Delivery?> TryDeliverAsync(InvocationTaker taker, NatsMsg message, CancellationToken cancellationToken)
    {
        var replyTo = message.ReplyTo!;
        try
        {
            var invocation = InvocationCodec.Decode(message.Data);
            if (invocation.ArgumentsReference is { } reference)
            {
                var arguments = await FetchAsync(invocation, reference, cancellationToken)
                    ?? throw new InvalidDataException($"invocation {invocation.Id}: its arguments are no longer kept");
                invocation = invocation with { Arguments = arguments };
            }

            var attempt = NatsJSPlace.Parse(replyTo).Delivered + (DeadOwners.IsTaken(message.Headers) ? 1 : 0);
            return new Delivery(_settling, taker, replyTo, invocation, attempt);
        }
        catch (InvalidDataException error)
        {
            LogUnreadable(_logger, message.Subject, error);
            await RefuseAsync(taker, replyTo, _terminate);
        }
        catch (OperationCanceledException)
        {
            await GiveBackAsync(taker, message);
        }

        return null;
    }

    private async ValueTask<ReadOnlyMemory<byte>?> FetchAsync(Invocation invocation, string reference, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await _objects.TryGetPayloadAsync(invocation.Caller.Tenant, reference, cancellationToken);
            }
            catch (NatsException error)
            {
                LogNotFetched(_logger, invocation.Id, error.Message);
                await Task.Delay(_retryAfter, _time, cancellationToken);
            }
        }
    }

    private async ValueTask GiveBackAsync(InvocationTaker taker)
    {
        while (taker.Messages.TryRead(out var message))
        {
            await GiveBackAsync(taker, message);
        }
    }

    /// <summary>
    /// Puts what was never begun back as a new message: given back by a negative acknowledgement it would come as a second attempt, and be taken for a
    /// call whose runtime died.
    /// </summary>
    private async ValueTask GiveBackAsync(InvocationTaker taker, NatsMsg message)
    {
        try
        {
            using var deadline = new CancellationTokenSource(_ackDeadline, _time);
            var options = new NatsJSPubOpts { MsgId = $"{message.Headers["Nats-Msg-Id"u8]}@{NatsJSPlace.Parse(message.ReplyTo).StreamSequence}" };
            await _js.PublishUntilStoredAsync(message.Subject, message.Data, options, DeadOwners.IsTaken(message.Headers) ? DeadOwners.Taken : default, _time, deadline.Token);
            await RefuseAsync(taker, message.ReplyTo!, _terminate);
        }
        catch (Exception error) when (error is NatsException or OperationCanceledException)
        {
            // Not given back: it is delivered again after the ack deadline.
            _settling.Forget(message.ReplyTo!);
            taker.OnSettled(message.ReplyTo!);
            LogNotFetched(_logger, message.Subject, error.Message);
        }
    }

    private async ValueTask RefuseAsync(InvocationTaker taker, string replyTo, byte[] word)
    {
        await _settling.SettleAsync(replyTo, word, NatsFlush.Soon, CancellationToken.None);
        taker.OnSettled(replyTo);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Subject}: an invocation cannot be read and was removed")]
    private static partial void LogUnreadable(ILogger logger, string subject, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Invocation}: the bus does not answer at present: {Reason}")]
    private static partial void LogNotFetched(ILogger logger, string invocation, string reason);
}
