using System.Globalization;
using System.Text.Json;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.KeyValue;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Jobs;

/// <summary>
/// Calls that wait for their time: bucket DELAYED, key <c>e.{due, 15 digits of Unix milliseconds}.{tenant}.{invocation}</c>, since servers before 2.12
/// have no schedules. One process at a time moves what is due into the queue (<see cref="SweepAsync"/>): it publishes first and removes the entry after,
/// so a crash in between moves it twice, and the message id and the job's own topic make one run of that.
/// </summary>
public sealed partial class DelayedCalls
{
    /// <summary>Longest delay.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromDays(7);

    internal static readonly TimeSpan EntryAge = LongestDelay + TimeSpan.FromDays(1);
    private const string LeaseKey = "lease";
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_renew = TimeSpan.FromSeconds(5);
    private readonly NatsKVStore _store;
    private readonly InvocationQueue _queue;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    internal DelayedCalls(NatsKVStore store, InvocationQueue queue, ILogger logger, TimeProvider time)
    {
        _store = store;
        _queue = queue;
        _logger = logger;
        _time = time;
    }

    /// <summary>Keeps a call until <paramref name="due"/>; returns once it is stored.</summary>
    /// <exception cref="FunctionFaultException">QuotaExceeded: the bucket is full.</exception>
    public async ValueTask AddAsync(Invocation invocation, DateTimeOffset due, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        try
        {
            var kept = await _queue.WithoutLargeArgumentsAsync(invocation, cancellationToken);
            await _store.PutAsync(KeyOf(invocation.Caller.Tenant, invocation.Id, due), InvocationCodec.Encode(kept), cancellationToken);
        }
        catch (Nats.JetStream.NatsJSApiException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.QuotaExceeded, $"no more delayed calls are kept: {error.Error.Description}", "try again later, or call without a delay"), error);
        }
    }

    /// <summary>Puts a delayed call into the queue now; false where it is no longer delayed.</summary>
    public async ValueTask<bool> ReleaseAsync(string tenant, string invocation, DateTimeOffset due, CancellationToken cancellationToken) =>
        await MoveAsync(KeyOf(tenant, invocation, due), cancellationToken);

    /// <summary>Removes a delayed call; false where it is no longer delayed.</summary>
    public async ValueTask<bool> RemoveAsync(string tenant, string invocation, DateTimeOffset due, CancellationToken cancellationToken)
    {
        var key = KeyOf(tenant, invocation, due);
        return await _store.TryGetEntryAsync(key, cancellationToken) is { Operation: NatsKVOperation.Put } entry
            && await _store.TryDeleteAsync(key, entry.Revision, cancellationToken);
    }

    /// <summary>Moves what becomes due, whenever this process holds the lease, until the token ends.</summary>
    /// <param name="holder">Names this process.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task SweepAsync(string holder, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await TryLeadAsync(holder, cancellationToken))
                {
                    await LeadAsync(holder, cancellationToken);
                }

                await Task.Delay(s_renew, _time, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // The rim of the loop: what is due waits until the bus is back.
                LogNotMoved(_logger, error.Message);
                await Task.Delay(s_renew, _time, cancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
    }

    internal static string KeyOf(string tenant, string invocation, DateTimeOffset due) =>
        $"e.{due.ToUnixTimeMilliseconds().ToString("D15", CultureInfo.InvariantCulture)}.{NatsSubject.Token(tenant)}.{NatsSubject.Token(invocation)}";

    internal static DateTimeOffset DueOf(string key) => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(key.AsSpan(2, 15), NumberStyles.None, CultureInfo.InvariantCulture));

    private async ValueTask<bool> TryLeadAsync(string holder, CancellationToken cancellationToken)
    {
        var entry = await _store.TryGetEntryAsync(LeaseKey, cancellationToken);
        var present = entry is { Operation: NatsKVOperation.Put } found ? JsonSerializer.Deserialize(found.Value.Span, JobsJson.Default.SweeperLease) : null;
        var now = _time.GetUtcNow();
        if (present is not null && present.Holder != holder && present.Expires > now)
        {
            return false;
        }

        var mine = JsonSerializer.SerializeToUtf8Bytes(new SweeperLease(holder, now + s_lease), JobsJson.Default.SweeperLease);
        return await _store.TryUpdateAsync(LeaseKey, mine, entry?.Revision ?? 0, cancellationToken) is not null;
    }

    /// <summary>Holds the keys of all delayed calls in the order of their time, and nothing else of them.</summary>
    private async Task LeadAsync(string holder, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        await using var changes = _store.Watch("e.>").ReadAsync(ending.Token).GetAsyncEnumerator(ending.Token);
        var change = changes.MoveNextAsync().AsTask();
        var renewed = _time.GetTimestamp();
        try
        {
            while (true)
            {
                if (change.IsCompleted)
                {
                    await change;
                    Note(keys, changes.Current);
                    change = changes.MoveNextAsync().AsTask();
                    continue;
                }

                if (_time.GetElapsedTime(renewed) >= s_renew)
                {
                    if (!await TryLeadAsync(holder, cancellationToken))
                    {
                        return;
                    }

                    renewed = _time.GetTimestamp();
                }

                await MoveDueAsync(keys, cancellationToken);
                var wait = keys.Min is { } next && DueOf(next) - _time.GetUtcNow() is var left && left < s_renew ? left : s_renew;
                await Task.WhenAny(change, Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            // The enumerator may only be disposed once its last step has ended.
            await ending.CancelAsync();
            await change.ContinueWith(static t => _ = t.Exception, TaskScheduler.Default);
        }
    }

    private static void Note(SortedSet<string> keys, NatsKVEntry? change)
    {
        if (change is { Operation: NatsKVOperation.Put } added)
        {
            keys.Add(added.Key);
        }
        else if (change is { } removed)
        {
            keys.Remove(removed.Key);
        }
    }

    private async ValueTask MoveDueAsync(SortedSet<string> keys, CancellationToken cancellationToken)
    {
        while (keys.Min is { } key && DueOf(key) <= _time.GetUtcNow())
        {
            await MoveAsync(key, cancellationToken);
            keys.Remove(key);
        }
    }

    private async ValueTask<bool> MoveAsync(string key, CancellationToken cancellationToken)
    {
        if (await _store.TryGetEntryAsync(key, cancellationToken) is not { Operation: NatsKVOperation.Put } entry)
        {
            return false;
        }

        await _queue.EnqueueAsync(InvocationCodec.Decode(entry.Value), owner: null, cancellationToken);
        await _store.TryDeleteAsync(key, entry.Revision, cancellationToken);
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "delayed calls cannot be moved into the queue at present: {Reason}")]
    private static partial void LogNotMoved(ILogger logger, string reason);
}
