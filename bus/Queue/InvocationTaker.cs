using System.Threading.Channels;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Queue;

/// <summary>
/// One reader's credit over several consumers: what is taken plus what is asked for never exceeds twice the capacity and one for each consumer. So many begin as the capacity says;
/// what more was taken waits in fair order (<see cref="FairOrder{T}"/>), so that no tenant and no function has to wait for all that another has queued.
/// A consumer without work keeps a small reserve so that none starves; the busy ones share the rest.
/// </summary>
internal sealed partial class InvocationTaker : IDisposable
{
    private static readonly TimeSpan _careInterval = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly NatsJSContext _js;
    private readonly Channel<NatsMsg> _messages;
    private readonly FairOrder<NatsMsg> _waiting = new();
    private readonly Dictionary<string, TakenConsumer> _taken = new(StringComparer.Ordinal);
    private readonly Action<string> _onTaken;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly int _capacity;
    private volatile TakenConsumer[] _consumers = [];
    private int _unsettled;
    private int _begun;
    private bool _isEnding;

    /// <summary>A taker that lets <paramref name="capacity"/> begin at once; <paramref name="onTaken"/> is told of each message's reply subject as it comes.</summary>
    public InvocationTaker(NatsJSContext js, int capacity, Action<string> onTaken, ILogger logger, TimeProvider time)
    {
        (_js, _capacity, _onTaken, _logger, _time) = (js, capacity, onTaken, logger, time);

        // Unbounded by type, bounded by credit: nothing comes that was not asked for. The taker goes on on the connection's reading thread: a thread hop costs a call more than what it does there.
        _messages = Channel.CreateUnbounded<NatsMsg>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    }

    /// <summary>Messages in the order in which they are to begin.</summary>
    public ChannelReader<NatsMsg> Messages => _messages.Reader;

    /// <summary>The consumers at present.</summary>
    public IReadOnlyList<TakenConsumer> Consumers => _consumers;

    /// <summary>Takes part of a stream.</summary>
    public void Add(string stream, ConsumerConfig config, (string Pool, string Tenant)? key)
    {
        TakenConsumer? consumer = null;
        var now = _time.GetTimestamp();
        var pull = new NatsJSPullConsumer(_js, stream, config, _time, message => OnMessage(consumer!, message), Replenish);
        consumer = new TakenConsumer(pull, config, key) { LastUsed = now, Since = now };
        lock (_gate)
        {
            _consumers = [.. _consumers, consumer];
        }
    }

    /// <summary>Starts consumers, and again whenever they fall silent, until the token ends.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="tenants">Adds and lets go consumers, once in each round.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task CareAsync(NatsConnection connection, TenantConsumers tenants, CancellationToken cancellationToken)
    {
        void Reconnected() => Array.ForEach(_consumers, static c => c.Pull.Stop());
        connection.Reconnected += Reconnected;
        try
        {
            while (true)
            {
                await TendAsync(tenants, cancellationToken);
                Replenish();
                await tenants.WaitAsync(_careInterval, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            connection.Reconnected -= Reconnected;
            await DrainAsync();
        }
    }

    /// <summary>A delivery is settled or was refused: its credit is free, and the next in turn begins.</summary>
    public void OnSettled(string replyTo)
    {
        NatsMsg next = default;
        bool hasNext;
        lock (_gate)
        {
            if (_taken.Remove(replyTo, out var consumer))
            {
                consumer.Unsettled--;
            }

            _unsettled--;
            _begun--;
            hasNext = !_isEnding && _waiting.TryDequeue(out next);
            _begun += hasNext ? 1 : 0;
        }

        if (hasNext)
        {
            _messages.Writer.TryWrite(next);
        }

        Replenish();
    }

    /// <summary>Lets a consumer go where nothing of it is unsettled; what the server had already sent still comes. True where it has gone.</summary>
    public async ValueTask<bool> TryLeaveAsync(TakenConsumer consumer, CancellationToken cancellationToken)
    {
        consumer.IsLeaving = true;
        if (consumer.Unsettled > 0)
        {
            return false;
        }

        await consumer.Pull.DrainAsync(cancellationToken);
        lock (_gate)
        {
            if (consumer.Unsettled > 0)
            {
                // One was on its way: its settling counts for this consumer, which begins again.
                consumer.IsLeaving = false;
                return false;
            }

            _consumers = [.. _consumers.Where(c => c != consumer)];
        }

        consumer.Pull.Dispose();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_consumers, static c => c.Pull.Dispose());

    /// <summary>
    /// How many to ask for: nothing while half of the reserve is still asked for; else up to the reserve, and for a busy consumer twice what came since the
    /// last time, but not more than half of what is free.
    /// </summary>
    internal static int Grant(int free, int outstanding, int delivered, int reserve)
    {
        if (free <= 0 || outstanding > reserve / 2)
        {
            return 0;
        }

        return Math.Min(free, Math.Max(reserve - outstanding, Math.Min(free / 2, delivered * 2)));
    }

    private void OnMessage(TakenConsumer consumer, NatsMsg message)
    {
        bool begins;
        _onTaken(message.ReplyTo!);
        lock (_gate)
        {
            _unsettled++;
            consumer.Unsettled++;
            consumer.LastUsed = _time.GetTimestamp();
            _taken[message.ReplyTo!] = consumer;
            begins = _isEnding || (_begun < _capacity && _waiting.Count == 0);
            if (begins)
            {
                _begun++;
            }
            else
            {
                var parts = message.Subject.Split('.');
                _waiting.Enqueue(parts[^2], parts[^1], message);
            }
        }

        if (begins)
        {
            _messages.Writer.TryWrite(message);
        }

        Replenish();
    }

    /// <summary>What the server has sent already is read to the end, so that it can be given back.</summary>
    private async ValueTask DrainAsync()
    {
        lock (_gate)
        {
            _isEnding = true;
            while (_waiting.TryDequeue(out var message))
            {
                _begun++;
                _messages.Writer.TryWrite(message);
            }
        }

        foreach (var consumer in _consumers)
        {
            try
            {
                await consumer.Pull.DrainAsync(CancellationToken.None);
            }
            catch (Exception error) when (error is NatsException or TimeoutException)
            {
                LogNotStarted(_logger, error.Message);
            }
        }

        _messages.Writer.TryComplete();
    }

    private void Replenish()
    {
        lock (_gate)
        {
            var consumers = _consumers;
            if (_isEnding || consumers.Length == 0)
            {
                return;
            }

            var capacity = _capacity * 2;
            var reserve = Math.Max(1, capacity / (4 * consumers.Length));
            var free = capacity - _unsettled;
            foreach (var consumer in consumers)
            {
                free -= consumer.Pull.Outstanding;
            }

            // Those that could deliver nothing first.
            free = Ask(consumers, free, reserve, static outstanding => outstanding == 0);
            Ask(consumers, free, reserve, static outstanding => outstanding > 0);
        }
    }

    /// <summary>Asks the consumers whose outstanding number is meant; gives what is free then. Called twice for each message, so it sorts nothing.</summary>
    private static int Ask(TakenConsumer[] consumers, int free, int reserve, Func<int, bool> isMeant)
    {
        foreach (var consumer in consumers)
        {
            var outstanding = consumer.Pull.Outstanding;
            var grant = isMeant(outstanding) && !consumer.IsLeaving ? Grant(free, outstanding, consumer.Pull.DeliveredSinceAsk, reserve) : 0;

            // Of each there is one call here or on its way, whatever others hold: whose turn it is is decided here, and not by who came first.
            grant = outstanding == 0 && consumer.Unsettled == 0 && isMeant(0) && !consumer.IsLeaving ? Math.Max(1, grant) : grant;
            if (grant > 0 && consumer.Pull.TryAsk(grant))
            {
                free -= grant;
            }
        }

        return free;
    }

    private async ValueTask TendAsync(TenantConsumers tenants, CancellationToken cancellationToken)
    {
        try
        {
            await tenants.LookAsync(this, cancellationToken);
            foreach (var consumer in _consumers)
            {
                if (consumer.Pull.NeedsStart && !await tenants.TryStartAsync(this, consumer, cancellationToken))
                {
                    return;
                }
            }
        }
        catch (NatsJSApiException refused)
        {
            LogRefused(_logger, refused.Message);
        }
        catch (Exception error) when (error is NatsException or TimeoutException)
        {
            LogNotStarted(_logger, error.Message);
        }
    }

    /// <summary>Takes a consumer out that could not be made: there is no room for it now.</summary>
    internal void Remove(TakenConsumer consumer)
    {
        lock (_gate)
        {
            _consumers = [.. _consumers.Where(c => c != consumer)];
        }

        consumer.Pull.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the message server refuses a consumer of the invocation queue: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "the invocation queue cannot be read at present: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string reason);
}
