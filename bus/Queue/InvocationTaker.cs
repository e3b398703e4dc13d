using System.Threading.Channels;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Queue;

/// <summary>
/// One reader's credit over several consumers: what is unsettled plus what is asked for never exceeds the capacity. A consumer without work keeps a
/// small reserve so that none starves; the busy ones share the rest.
/// </summary>
internal sealed partial class InvocationTaker : IDisposable
{
    private static readonly TimeSpan _careInterval = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private readonly List<NatsJSPullConsumer> _consumers = [];
    private readonly Channel<NatsMsg> _messages;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly int _capacity;
    private int _unsettled;
    private bool _isEnding;

    public InvocationTaker(int capacity, ILogger logger, TimeProvider time)
    {
        _capacity = capacity;
        _logger = logger;
        _time = time;
        // Unbounded by type, bounded by credit: nothing comes that was not asked for. The taker goes on on the connection's reading thread: a thread hop costs a call more than what it does there.
        _messages = Channel.CreateUnbounded<NatsMsg>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    }

    /// <summary>Messages in order of arrival.</summary>
    public ChannelReader<NatsMsg> Messages => _messages.Reader;

    /// <summary>Takes part of a stream.</summary>
    public void Add(NatsJSContext js, string stream, ConsumerConfig config) =>
        _consumers.Add(new NatsJSPullConsumer(js, stream, config, _time, OnMessage, Replenish));

    /// <summary>Starts consumers, and again whenever they fall silent, until the token ends.</summary>
    public async Task CareAsync(NatsConnection connection, CancellationToken cancellationToken)
    {
        void Reconnected() => _consumers.ForEach(static c => c.Stop());
        connection.Reconnected += Reconnected;
        try
        {
            while (true)
            {
                await StartWhatNeedsAsync(cancellationToken);
                Replenish();
                await Task.Delay(_careInterval, _time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            connection.Reconnected -= Reconnected;
            await DrainAsync();
        }
    }

    /// <summary>A delivery is settled or was refused: its credit is free.</summary>
    public void OnSettled()
    {
        lock (_gate)
        {
            _unsettled--;
        }

        Replenish();
    }

    /// <inheritdoc/>
    public void Dispose() => _consumers.ForEach(static c => c.Dispose());

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

    private void OnMessage(NatsMsg message)
    {
        lock (_gate)
        {
            _unsettled++;
        }

        _messages.Writer.TryWrite(message);
        Replenish();
    }

    /// <summary>What the server has sent already is read to the end, so that it can be given back.</summary>
    private async ValueTask DrainAsync()
    {
        lock (_gate)
        {
            _isEnding = true;
        }

        foreach (var consumer in _consumers)
        {
            try
            {
                await consumer.DrainAsync(CancellationToken.None);
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
            if (_isEnding)
            {
                return;
            }

            // Each consumer needs one credit at least, or it could never deliver.
            var capacity = Math.Max(_capacity, _consumers.Count);
            var reserve = Math.Max(1, capacity / (4 * _consumers.Count));
            var free = capacity - _unsettled;
            foreach (var consumer in _consumers)
            {
                free -= consumer.Outstanding;
            }

            // Those that could deliver nothing first.
            free = Ask(free, reserve, static outstanding => outstanding == 0);
            Ask(free, reserve, static outstanding => outstanding > 0);
        }
    }

    /// <summary>Asks the consumers whose outstanding number is meant; gives what is free then. Called twice for each message, so it sorts nothing.</summary>
    private int Ask(int free, int reserve, Func<int, bool> isMeant)
    {
        foreach (var consumer in _consumers)
        {
            var outstanding = consumer.Outstanding;
            var grant = isMeant(outstanding) ? Grant(free, outstanding, consumer.DeliveredSinceAsk, reserve) : 0;
            if (grant > 0 && consumer.TryAsk(grant))
            {
                free -= grant;
            }
        }

        return free;
    }

    private async ValueTask StartWhatNeedsAsync(CancellationToken cancellationToken)
    {
        foreach (var consumer in _consumers.Where(static c => c.NeedsStart))
        {
            try
            {
                await consumer.StartAsync(cancellationToken);
            }
            catch (NatsException error)
            {
                LogNotStarted(_logger, error.Message);
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "the invocation queue cannot be read at present: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string reason);
}
