using System.Collections.Concurrent;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.KeyValue;

namespace ToolRuntime.Bus.Queue;

/// <summary>
/// Signals to running calls: subject <c>ctl.{tenant}.{invocation}.{kind}</c>, and a tombstone in bucket CONTROL, so that one which comes before the take still
/// works. One subscription and one watch per process serve all calls: listening costs no message.
/// </summary>
public sealed class ControlSignals : IAsyncDisposable
{
    internal static readonly TimeSpan TombstoneAge = TimeSpan.FromHours(1);
    private const int MostTombstones = 100_000;
    private readonly NatsConnection _connection;
    private readonly NatsKVStore _store;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Listener> _listeners = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _tombstones = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ending = new();
    private readonly NatsSub _sub;
    private readonly Task _watching;

    internal ControlSignals(NatsConnection connection, NatsKVStore store, TimeProvider time)
    {
        _connection = connection;
        _store = store;
        _time = time;
        _sub = connection.Subscribe("ctl.>", null, OnMessage);
        _watching = WatchAsync(_ending.Token);
    }

    /// <summary>Sends a signal and, for a cancel, leaves a tombstone for the class TTL.</summary>
    public async ValueTask SignalAsync(ControlSignal signal, CancellationToken cancellationToken)
    {
        if (signal.Kind == ControlKind.Cancel)
        {
            await _store.PutAsync(KeyOf(signal.Tenant, signal.Invocation), "C"u8.ToArray(), cancellationToken);
        }

        await _connection.PublishAsync(SubjectOf(signal), signal.Payload, default, null, NatsFlush.Now, cancellationToken);
    }

    /// <summary>Signals for one call, the kept tombstone included; dispose to stop. The handler must not block; a cancel comes once.</summary>
    public IDisposable Listen(string tenant, string invocation, Action<ControlSignal> handler)
    {
        var key = KeyOf(tenant, invocation);
        var listener = new Listener(key, _listeners, handler);
        if (!_listeners.TryAdd(key, listener))
        {
            throw new InvalidOperationException($"invocation {invocation} is listened to already");
        }

        if (_tombstones.ContainsKey(key))
        {
            listener.Cancel(tenant, invocation);
        }

        return listener;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _sub.Dispose();
        await _watching;
        _ending.Dispose();
    }

    internal static string SubjectOf(ControlSignal signal) =>
        $"ctl.{KeyOf(signal.Tenant, signal.Invocation)}.{(signal.Kind == ControlKind.Cancel ? "cancel" : "input")}";

    internal static string KeyOf(string tenant, string invocation) => $"{NatsSubject.Token(tenant)}.{NatsSubject.Token(invocation)}";

    private void OnMessage(NatsMsg message)
    {
        var parts = message.Subject.Split('.');
        if (parts.Length != 4 || !_listeners.TryGetValue($"{parts[1]}.{parts[2]}", out var listener))
        {
            return;
        }

        if (parts[3] == "cancel")
        {
            listener.Cancel(parts[1], parts[2]);
        }
        else
        {
            listener.Handler(new ControlSignal(parts[1], parts[2], ControlKind.InputResponse, message.Data));
        }
    }

    /// <summary>Mirrors the tombstones, so that no call costs a question to the server; also what a lost connection missed arrives here.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var entry in _store.Watch(">").ReadAsync(cancellationToken))
            {
                if (entry is { Operation: NatsKVOperation.Put } cancelled)
                {
                    Keep(cancelled.Key);
                }
            }
        }
        catch (OperationCanceledException)
        {
            _tombstones.Clear();
        }
    }

    private void Keep(string key)
    {
        if (_tombstones.Count >= MostTombstones)
        {
            DropOld();
        }

        _tombstones[key] = _time.GetTimestamp();
        if (_listeners.TryGetValue(key, out var listener))
        {
            var dot = key.IndexOf('.', StringComparison.Ordinal);
            listener.Cancel(key[..dot], key[(dot + 1)..]);
        }
    }

    /// <summary>Full: those past their time go, and if that is not enough all of them; the oldest calls have long been taken.</summary>
    private void DropOld()
    {
        foreach (var (key, since) in _tombstones)
        {
            if (_time.GetElapsedTime(since) > TombstoneAge)
            {
                _tombstones.TryRemove(key, out _);
            }
        }

        if (_tombstones.Count >= MostTombstones)
        {
            _tombstones.Clear();
        }
    }

    private sealed class Listener(string key, ConcurrentDictionary<string, Listener> listeners, Action<ControlSignal> handler) : IDisposable
    {
        private int _cancelled;

        public Action<ControlSignal> Handler => handler;

        public void Cancel(string tenant, string invocation)
        {
            if (Interlocked.Exchange(ref _cancelled, 1) == 0)
            {
                handler(new ControlSignal(tenant, invocation, ControlKind.Cancel, default));
            }
        }

        public void Dispose() => listeners.TryRemove(new KeyValuePair<string, Listener>(key, this));
    }
}
