using System.Collections.Concurrent;

using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Bus.Queue;

/// <summary>
/// Tells runtimes that a tenant has begun to call, so that its consumer is made at once and not by the next look at the queue: subject
/// <c>hint.inv.{pool}.{tenant}</c>, at most twice a minute for each. A hint that is lost costs that look.
/// </summary>
internal sealed class TenantHints(NatsConnection connection, TimeProvider time)
{
    private const int MostRemembered = 10_000;
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<(string Pool, string Tenant), long> _told = new();

    /// <summary>Tells of a call that is stored; never blocks.</summary>
    public void Tell(string pool, string tenant)
    {
        var now = time.GetTimestamp();
        if (_told.TryGetValue((pool, tenant), out var last) && time.GetElapsedTime(last, now) < s_again)
        {
            return;
        }

        if (_told.Count >= MostRemembered)
        {
            _told.Clear();
        }

        _told[(pool, tenant)] = now;
        var sending = connection.PublishAsync($"hint.inv.{pool}.{tenant}", default, default, null, NatsFlush.Soon, CancellationToken.None);
        if (!sending.IsCompletedSuccessfully)
        {
            _ = sending.AsTask().ContinueWith(static sent => _ = sent.Exception, TaskScheduler.Default);
        }
    }

    /// <summary>Hears of tenants of some pools; the handler must not block.</summary>
    public NatsSub Listen(IReadOnlyCollection<string> pools, Action<(string Pool, string Tenant)> handler) => connection.Subscribe("hint.inv.>", null, message =>
    {
        if (message.Subject.Split('.') is [_, _, var pool, var tenant] && pools.Contains(pool))
        {
            handler((pool, tenant));
        }
    });
}
