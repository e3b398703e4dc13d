using System.Text.Json;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>
/// A durable pull consumer: messages come as they were asked for. Pending pulls die with the connection and are silently dropped by a server that
/// restarts, so each carries heartbeats: silence means that all credit is void, and a fresh inbox starts over. The inbox before it is listened to as well:
/// where the server has not heard of a connection's end, it goes on giving out what was asked for over that one.
/// </summary>
internal sealed class NatsJSPullConsumer : IDisposable
{
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _expires = TimeSpan.FromSeconds(30);
    private readonly NatsJSContext _js;
    private readonly string _stream;
    private readonly ConsumerConfig _config;
    private readonly TimeProvider _time;
    private readonly Action<NatsMsg> _onMessage;
    private readonly Action _onCredit;
    private readonly string _next;
    private readonly Lock _gate = new();
    private NatsSub? _sub;
    private NatsSub? _former;
    private int _outstanding;
    private long _lastFrame;
    private int _generation;
    private int _delivered;

    public NatsJSPullConsumer(NatsJSContext js, string stream, ConsumerConfig config, TimeProvider time, Action<NatsMsg> onMessage, Action onCredit)
    {
        _js = js;
        _stream = stream;
        _config = config;
        _time = time;
        _onMessage = onMessage;
        _onCredit = onCredit;
        _next = $"$JS.API.CONSUMER.MSG.NEXT.{stream}.{config.DurableName}";
    }

    /// <summary>Messages asked for that have not come.</summary>
    public int Outstanding
    {
        get
        {
            lock (_gate)
            {
                return _outstanding;
            }
        }
    }

    /// <summary>Messages that came since more were last asked for: how busy it is.</summary>
    public int DeliveredSinceAsk
    {
        get
        {
            lock (_gate)
            {
                return _delivered;
            }
        }
    }

    /// <summary>Whether nothing can be asked for: it was never started, or the server fell silent.</summary>
    public bool NeedsStart
    {
        get
        {
            lock (_gate)
            {
                return _sub is null || (_outstanding > 0 && _time.GetElapsedTime(_lastFrame) > _heartbeat * 2);
            }
        }
    }

    /// <summary>Makes the consumer where it is missing and voids what was asked for.</summary>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await _js.CreateOrUpdateConsumerAsync(_stream, _config, cancellationToken);
        Stop();
        lock (_gate)
        {
            var generation = _generation;
            _sub = _js.Connection.Subscribe(NatsConnection.NewInbox(), null, message => OnFrame(generation, message));
            _lastFrame = _time.GetTimestamp();
        }
    }

    /// <summary>Voids the consumer until the next start.</summary>
    public void Stop()
    {
        NatsSub? old;
        lock (_gate)
        {
            if (_sub is null)
            {
                return;
            }

            (old, _former, _sub) = (_former, _sub, null);
            _outstanding = 0;
            _generation++;
        }

        old?.Dispose();
    }

    /// <summary>Stops for good; what the server had already sent still comes.</summary>
    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        NatsSub? sub;
        lock (_gate)
        {
            sub = _sub;
        }

        if (sub is not null)
        {
            await _js.Connection.DrainAsync(sub, cancellationToken);
            Dispose();
        }
    }

    /// <summary>Asks for up to <paramref name="batch"/> more; false when it is not started.</summary>
    public bool TryAsk(int batch)
    {
        string inbox;
        lock (_gate)
        {
            if (_sub is null)
            {
                return false;
            }

            inbox = _sub.Subject;
            if (_outstanding == 0)
            {
                _lastFrame = _time.GetTimestamp();
            }

            _outstanding += batch;
            _delivered = 0;
        }

        var request = JsonSerializer.SerializeToUtf8Bytes(new ConsumerGetNextRequest(batch, _expires.Ticks * 100, _heartbeat.Ticks * 100), NatsJSJson.Default.ConsumerGetNextRequest);
        var sending = _js.Connection.PublishAsync(_next, request, default, inbox, NatsFlush.Soon, CancellationToken.None);
        if (!sending.IsCompletedSuccessfully)
        {
            // The queue is full: the pull goes out late; should it be lost, the heartbeats miss it.
            _ = sending.AsTask();
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _former?.Dispose();
    }

    private void OnFrame(int generation, NatsMsg message)
    {
        var code = message.Headers.Code;
        bool isFormer;
        lock (_gate)
        {
            isFormer = generation != _generation;
            if (!isFormer)
            {
                _lastFrame = _time.GetTimestamp();
                _outstanding = Math.Max(0, _outstanding - Returned(code, message));
                _delivered += code == 0 ? 1 : 0;
            }
        }

        if (code == 0)
        {
            _onMessage(message);
        }
        else if (isFormer)
        {
            return;
        }
        else if (code is 409 or 503 && !message.Headers.TryFind("Nats-Pending-Messages"u8, out _))
        {
            Stop();
        }
        else if (code != 100)
        {
            _onCredit();
        }
    }

    /// <summary>How much of what was asked for a frame settles: one message, or the rest of a pull that ended.</summary>
    private static int Returned(int code, NatsMsg message) => code switch
    {
        0 => 1,
        100 => 0,
        _ => message.Headers.TryGetNumber("Nats-Pending-Messages"u8, out var rest) ? (int)Math.Min(rest, int.MaxValue) : int.MaxValue,
    };
}
