using System.Collections.Concurrent;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Queue;

/// <summary>
/// Consumers for the tenants that call at present, of the pools that a runtime serves: made when a tenant has something in the queue, let go when it has
/// had nothing for some time, and sooner where others wait for a place. A server has a limited number of them for all its runtimes, because each costs
/// memory, and every publish time; work-queue streams allow no two whose subjects overlap, so there is none for the rest: who finds no place waits until
/// one is free.
/// </summary>
internal sealed class TenantConsumers(NatsJSContext js, IReadOnlyList<string> pools, Func<(string Pool, string Tenant), ConsumerConfig> configOf, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_idleWhenCrowded = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(10);
    private readonly ConcurrentQueue<(string Pool, string Tenant)> _hinted = new();
    private readonly SemaphoreSlim _hint = new(0, 1);
    private readonly Queue<string> _oldForm = new(pools);
    private bool _isCrowded;

    /// <summary>Hears that a tenant has begun to call; never blocks.</summary>
    public void Hint((string Pool, string Tenant) key)
    {
        _hinted.Enqueue(key);
        try
        {
            _hint.Release();
        }
        catch (SemaphoreFullException)
        {
            // The look that is due takes this one too.
            return;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hint.Dispose();

    /// <summary>Waits for a hint, at most <paramref name="longest"/>.</summary>
    public async ValueTask WaitAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hinted = _hint.WaitAsync(either.Token);
        await Task.WhenAny(hinted, Task.Delay(longest, time, either.Token));
        await either.CancelAsync();
        await hinted.ContinueWith(static _ => { }, TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Adds consumers for tenants that have something in the queue, and lets those go that are not needed.</summary>
    public async ValueTask LookAsync(InvocationTaker taker, CancellationToken cancellationToken)
    {
        var known = taker.Consumers.Where(c => c.Key is not null).Select(c => c.Key!.Value).ToHashSet();
        var wanted = new HashSet<(string Pool, string Tenant)>();
        while (_hinted.TryDequeue(out var key))
        {
            wanted.Add(key);
        }

        foreach (var subject in await js.SubjectsAsync(InvocationQueue.Stream, "inv.any.>", cancellationToken))
        {
            if (subject.Split('.') is [_, _, var pool, var tenant, _] && pools.Contains(pool))
            {
                wanted.Add((pool, tenant));
            }
        }

        await LeaveOldFormAsync(cancellationToken);
        foreach (var key in wanted.Where(k => !known.Contains(k)))
        {
            taker.Add(InvocationQueue.Stream, configOf(key), key);
        }

        await LetGoAsync(taker, wanted, cancellationToken);
        _isCrowded = false;
    }

    /// <summary>Makes a consumer; false where the others must wait for the next round.</summary>
    public async ValueTask<bool> TryStartAsync(InvocationTaker taker, TakenConsumer consumer, CancellationToken cancellationToken)
    {
        try
        {
            await consumer.Pull.StartAsync(cancellationToken);
            return true;
        }
        catch (NatsJSApiException error) when (error.Error.ErrCode == ApiErrorCode.MaximumConsumers && consumer.Key is not null)
        {
            _isCrowded = true;
            foreach (var waiting in taker.Consumers.Where(c => c.Key is not null && c.Pull.NeedsStart))
            {
                taker.Remove(waiting);
            }

            return false;
        }
    }

    /// <summary>
    /// Those that are idle, and while others wait for a place also those that have had their turn: these are asked for nothing more until what they gave is
    /// settled.
    /// </summary>
    private async ValueTask LetGoAsync(InvocationTaker taker, HashSet<(string Pool, string Tenant)> wanted, CancellationToken cancellationToken)
    {
        foreach (var consumer in taker.Consumers.Where(c => c.Key is not null && !c.Pull.NeedsStart))
        {
            var idle = time.GetElapsedTime(consumer.LastUsed);
            var isDone = !wanted.Contains(consumer.Key!.Value) && idle > (_isCrowded ? s_idleWhenCrowded : s_idle);
            var hadItsTurn = _isCrowded && time.GetElapsedTime(consumer.Since) > s_turn;
            if ((isDone || hadItsTurn || consumer.IsLeaving) && await taker.TryLeaveAsync(consumer, cancellationToken))
            {
                await DeleteAsync(consumer.Config.DurableName!, cancellationToken);
            }
        }
    }

    /// <summary>Once a pool had one consumer for all tenants, which leaves no room for those of single ones.</summary>
    private async ValueTask LeaveOldFormAsync(CancellationToken cancellationToken)
    {
        while (_oldForm.TryPeek(out var pool))
        {
            try
            {
                await js.DeleteConsumerAsync(InvocationQueue.Stream, $"any_{NatsSubject.Token(pool)}", cancellationToken);
            }
            catch (NatsJSApiException)
            {
                // There is none: this queue was never of that form.
            }

            _oldForm.Dequeue();
        }
    }

    /// <summary>Removes a consumer that no other runtime uses either.</summary>
    private async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var standing = await js.GetConsumerAsync(InvocationQueue.Stream, name, cancellationToken);
            if (standing is { NumWaiting: 0, NumAckPending: 0 })
            {
                await js.DeleteConsumerAsync(InvocationQueue.Stream, name, cancellationToken);
            }
        }
        catch (NatsJSApiException)
        {
            // Gone already: another runtime let it go too.
            return;
        }
    }
}
