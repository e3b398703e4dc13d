using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.KeyValue;
using ToolRuntime.Bus.State;

namespace ToolRuntime.Bus.Sessions;

/// <summary>
/// What one call keeps for its next attempt: its last checkpoint (key <c>{tenant}.{invocation}.c</c>, found by one get) and the results of its
/// steps (<c>{tenant}.{invocation}.s.{hash of the name}</c>). Up to 64 KiB stand in the entry, more in the object store, on its own stream
/// and connection. An entry says which attempt wrote it: an earlier attempt that lives on finds the later one's, and stops.
/// </summary>
public sealed class CallKeep
{
    private const string AttemptHeader = "Toolrt-Attempt";
    private readonly NatsKVStore _store;
    private readonly KeptValues _values;
    private readonly string _tenant;
    private readonly string _prefix;
    private readonly int _attempt;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<ulong, byte[]> _steps = new();
    private readonly Lock _turn = new();
    private Task _previous = Task.CompletedTask;
    private Task _discarding = Task.CompletedTask;
    private ulong _revision;
    private byte[] _stored = [];

    internal CallKeep(NatsKVStore store, ObjectStore objects, TopicKey key, int attempt, TimeProvider time)
    {
        (_store, _values, _tenant, _attempt, _time) = (store, new KeptValues(objects), key.Tenant, attempt, time);
        _prefix = $"{NatsSubject.Token(key.Tenant)}.{NatsSubject.Token(key.Invocation)}";
    }

    /// <summary>Whether anything is kept, as far as this attempt knows.</summary>
    public bool IsEmpty => _revision == 0;

    private string CheckpointKey => $"{_prefix}.c";

    /// <summary>Reads what an earlier attempt kept: whether it kept anything, and its last checkpoint, empty where there is none.</summary>
    public async ValueTask<(bool IsKept, ReadOnlyMemory<byte> Checkpoint)> ReadAsync(CancellationToken cancellationToken)
    {
        if (await UntilAnsweredAsync(() => _store.TryGetEntryAsync(CheckpointKey, cancellationToken), cancellationToken) is not { } entry)
        {
            return default;
        }

        Adopt(entry);
        return (true, _stored.Length == 0 ? default : await _values.ReadAsync(_tenant, _stored, cancellationToken) ?? default);
    }

    /// <summary>Keeps a checkpoint; returns once it is stored.</summary>
    /// <exception cref="FencedException">A later attempt has kept something: this one must stop.</exception>
    public async ValueTask SaveAsync(ReadOnlyMemory<byte> checkpoint, CancellationToken cancellationToken)
    {
        var stored = await _values.StoreAsync(_tenant, checkpoint, cancellationToken);
        try
        {
            await InTurnAsync(async () =>
            {
                // What the entry replaced goes behind it, and one at a time: who saves need not wait for that.
                var former = await PutCheckpointAsync(stored, cancellationToken);
                await _discarding;
                _discarding = DiscardAsync(former, cancellationToken);
            });
        }
        catch (FencedException)
        {
            await _values.DiscardAsync(_tenant, stored, cancellationToken);
            throw;
        }
    }

    /// <summary>The result of a step that was done, or null.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> StepAsync(string name, CancellationToken cancellationToken)
    {
        if (await UntilAnsweredAsync(() => _store.TryGetEntryAsync(KeyOf(name), cancellationToken), cancellationToken) is not { } entry)
        {
            return null;
        }

        _steps[entry.Revision] = entry.Value.ToArray();
        return await _values.ReadAsync(_tenant, entry.Value, cancellationToken);
    }

    /// <summary>Keeps the result of a step; returns once it is stored. What stands already is not replaced, and is the answer.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> FinishStepAsync(string name, ReadOnlyMemory<byte> result, CancellationToken cancellationToken)
    {
        var stored = await _values.StoreAsync(_tenant, result, cancellationToken);
        if (await UntilAnsweredAsync(() => _store.TryUpdateAsync(KeyOf(name), stored, 0, cancellationToken), cancellationToken) is not { } revision)
        {
            return await StepAsync(name, cancellationToken) ?? result;
        }

        _steps[revision] = stored;
        await InTurnAsync(() => MarkAsync(cancellationToken));
        return result;
    }

    /// <summary>Removes it all: the call has ended. What it does not know of goes with the bucket's age.</summary>
    public async ValueTask RemoveAsync(CancellationToken cancellationToken)
    {
        await _discarding;
        foreach (var (revision, stored) in _steps.Append(new(_revision, _stored)).Where(kept => kept.Key > 0))
        {
            await _store.TryRemoveAsync(revision, cancellationToken);
            await _values.DiscardAsync(_tenant, stored, cancellationToken);
        }
    }

    private async Task DiscardAsync(byte[] former, CancellationToken cancellationToken)
    {
        try
        {
            await _values.DiscardAsync(_tenant, former, cancellationToken);
        }
        catch (Exception error) when (error is NatsException or OperationCanceledException)
        {
            // The rim of a removal that nobody waits for: what stays goes with its age.
            return;
        }
    }

    private string KeyOf(string step) => $"{_prefix}.s.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(step)).AsSpan(0, 16))}";

    /// <summary>A call whose steps are kept goes on after a crash, also where it keeps no checkpoint: the next attempt looks for the entry.</summary>
    private async ValueTask MarkAsync(CancellationToken cancellationToken)
    {
        if (_revision > 0)
        {
            return;
        }

        if (await UntilAnsweredAsync(() => _store.TryGetEntryAsync(CheckpointKey, cancellationToken), cancellationToken) is { } other)
        {
            Adopt(other);
        }
        else
        {
            await PutCheckpointAsync([], cancellationToken);
        }
    }

    private async ValueTask InTurnAsync(Func<ValueTask> write)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task previous;
        lock (_turn)
        {
            (previous, _previous) = (_previous, mine.Task);
        }

        try
        {
            await previous;
            await write();
        }
        finally
        {
            mine.SetResult();
        }
    }

    /// <summary>Puts the entry and gives what it replaced.</summary>
    private async ValueTask<byte[]> PutCheckpointAsync(byte[] stored, CancellationToken cancellationToken)
    {
        var headers = default(NatsHeaders).With(AttemptHeader, _attempt.ToString(CultureInfo.InvariantCulture));
        while (true)
        {
            if (await UntilAnsweredAsync(() => _store.TryUpdateAsync(CheckpointKey, stored, headers, _revision, cancellationToken), cancellationToken) is { } written)
            {
                var former = _stored;
                (_revision, _stored) = (written, stored);
                return former.AsSpan().SequenceEqual(stored) ? [] : former;
            }

            var other = await UntilAnsweredAsync(() => _store.TryGetEntryAsync(CheckpointKey, cancellationToken), cancellationToken);
            if (other is { } found && found.Headers.TryGetNumber("Toolrt-Attempt"u8, out var attempt) && attempt > (ulong)_attempt)
            {
                throw new FencedException($"{_prefix}: attempt {attempt} has kept something, this is attempt {_attempt}");
            }

            Adopt(other ?? default);
        }
    }

    private void Adopt(NatsKVEntry entry) => (_revision, _stored) = (entry.Revision, entry.Value.ToArray());

    /// <summary>Goes on trying while the server is away. A write that was stored all the same is found under its own attempt.</summary>
    private ValueTask<T> UntilAnsweredAsync<T>(Func<ValueTask<T>> ask, CancellationToken cancellationToken) => NatsRetry.UntilAnsweredAsync(ask, _time, cancellationToken);
}
