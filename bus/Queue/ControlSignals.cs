using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.KeyValue;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Queue;

/// <summary>
/// Signals to running calls: subject <c>ctl.{tenant}.{invocation}.{kind}</c>, and a tombstone in bucket CONTROL, so that one which comes before the take still
/// works. A session is stopped the same way, under its own id: then all its calls that were accepted before end. One subscription and one watch per process serve all calls: listening costs no message.
/// </summary>
public sealed class ControlSignals : IAsyncDisposable
{
    internal static readonly TimeSpan TombstoneAge = TimeSpan.FromHours(1);
    private const int MostTombstones = 100_000;
    private readonly NatsConnection _connection;
    private readonly NatsKVStore _store;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Listener> _listeners = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Tombstone> _tombstones = new(StringComparer.Ordinal);
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

    /// <summary>Ends all calls of a session that have been accepted until now, those that wait in the queue included.</summary>
    public async ValueTask StopSessionAsync(string tenant, string session, CancellationToken cancellationToken)
    {
        var stamp = Encoding.ASCII.GetBytes(_time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        await _store.PutAsync(KeyOf(tenant, session), stamp, cancellationToken);
    }

    /// <summary>Signals for one call, the kept tombstones of it and of its session included; dispose to stop. The handler must not block; a cancel comes once.</summary>
    public IDisposable Listen(Invocation invocation, Action<ControlSignal> handler)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        var tenant = invocation.Caller.Tenant;
        var listener = Listen(tenant, invocation.Id, invocation.Session, invocation.AcceptedAt, handler);
        if (_tombstones.TryGetValue(KeyOf(tenant, invocation.Session), out var stop))
        {
            listener.Stop(tenant, invocation.Id, invocation.Session, stop.Until);
        }

        return listener;
    }

    /// <summary>Signals for one call, the kept tombstone included; dispose to stop. The handler must not block; a cancel comes once.</summary>
    public IDisposable Listen(string tenant, string invocation, Action<ControlSignal> handler) => Listen(tenant, invocation, "", default, handler);

    private Listener Listen(string tenant, string invocation, string session, DateTimeOffset acceptedAt, Action<ControlSignal> handler)
    {
        var key = KeyOf(tenant, invocation);
        var listener = new Listener(key, _listeners, handler) { Tenant = tenant, Invocation = invocation, Session = session, AcceptedAt = acceptedAt };
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
                    Keep(cancelled.Key, cancelled.Value);
                }
            }
        }
        catch (OperationCanceledException)
        {
            _tombstones.Clear();
        }
    }

    private void Keep(string key, ReadOnlyMemory<byte> value)
    {
        if (_tombstones.Count >= MostTombstones)
        {
            DropOld();
        }

        if (Utf8Parser.TryParse(value.Span, out long milliseconds, out _))
        {
            Stop(key, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
            return;
        }

        _tombstones[key] = new Tombstone(_time.GetTimestamp(), default);
        if (_listeners.TryGetValue(key, out var listener))
        {
            var dot = key.IndexOf('.', StringComparison.Ordinal);
            listener.Cancel(key[..dot], key[(dot + 1)..]);
        }
    }

    private void Stop(string key, DateTimeOffset until)
    {
        _tombstones[key] = new Tombstone(_time.GetTimestamp(), until);
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        foreach (var listener in _listeners.Values)
        {
            listener.Stop(key[..dot], listener.Invocation, key[(dot + 1)..], until);
        }
    }

    /// <summary>Full: those past their time go, and if that is not enough all of them; the oldest calls have long been taken.</summary>
    private void DropOld()
    {
        foreach (var (key, tombstone) in _tombstones)
        {
            if (_time.GetElapsedTime(tombstone.Since) > TombstoneAge)
            {
                _tombstones.TryRemove(key, out _);
            }
        }

        if (_tombstones.Count >= MostTombstones)
        {
            _tombstones.Clear();
        }
    }

    /// <summary>What is kept of a cancel, or of the stop of a session.</summary>
    /// <param name="Since">Timestamp of its coming.</param>
    /// <param name="Until">Calls of the session that were accepted until then end; of a call's own cancel the least time.</param>
    private readonly record struct Tombstone(long Since, DateTimeOffset Until);

    private sealed class Listener(string key, ConcurrentDictionary<string, Listener> listeners, Action<ControlSignal> handler) : IDisposable
    {
        private int _cancelled;

        public string Tenant { get; init; } = "";

        public string Invocation { get; init; } = "";

        public string Session { get; init; } = "";

        public DateTimeOffset AcceptedAt { get; init; }

        public Action<ControlSignal> Handler => handler;

        /// <summary>Ends the call where the session is its own and it was accepted before.</summary>
        public void Stop(string tenant, string invocation, string session, DateTimeOffset until)
        {
            if (Session == session && Tenant == tenant && AcceptedAt <= until)
            {
                Cancel(tenant, invocation);
            }
        }

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
