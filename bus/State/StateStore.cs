using System.Globalization;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.KeyValue;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>
/// The small memory of sessions and tenants: bucket STATE, keys <c>{tenant}.s.{session}.{key}</c> and <c>{tenant}.t.{key}</c>. Servers before
/// 2.11 let no single key expire, so the time stands in a header: who reads an expired key takes it for missing and removes it, and
/// <see cref="SweepAsync(CancellationToken)"/> removes those that nobody reads.
/// </summary>
public sealed class StateStore
{
    private const string ExpiresHeader = "Toolrt-Expires";
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(3650);
    private readonly NatsKVStore _store;
    private readonly StateOptions _options;
    private readonly TimeProvider _time;

    internal StateStore(NatsKVStore store, StateOptions options, TimeProvider time) => (_store, _options, _time) = (store, options, time);

    /// <summary>What is remembered under a key, or null.</summary>
    /// <exception cref="FunctionFaultException">It cannot be a key.</exception>
    public async ValueTask<StateEntry?> GetAsync(StateScope scope, string key, CancellationToken cancellationToken)
    {
        var (present, isLive) = await FindAsync(scope.PlaceOf(key), cancellationToken);
        if (present is { } expired && !isLive)
        {
            await _store.TryRemoveAsync(expired.Revision, cancellationToken);
        }

        return isLive ? EntryOf(scope, present!.Value) : null;
    }

    /// <summary>Remembers a value. With <paramref name="ifRevision"/> only where the key is at that revision, 0 for a key that is not there.</summary>
    /// <param name="scope">Whose.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">UTF-8 of a JSON value.</param>
    /// <param name="age">How long it stands; null for as long as the scope's values do.</param>
    /// <param name="ifRevision">The revision that is expected, or null for any.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="FunctionFaultException">InvalidArguments: key, value or age are out of bounds. QuotaExceeded: too many keys.</exception>
    public async ValueTask<StateWrite> PutAsync(StateScope scope, string key, ReadOnlyMemory<byte> value, TimeSpan? age, ulong? ifRevision, CancellationToken cancellationToken)
    {
        var place = scope.PlaceOf(key);
        Check(key, value.Length, age);
        var headers = (age ?? (scope.Session is null ? null : _options.SessionAge)) is { } lasting
            ? default(NatsHeaders).With(ExpiresHeader, (_time.GetUtcNow() + lasting).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture))
            : default;
        while (true)
        {
            var (present, isLive) = await FindAsync(place, cancellationToken);
            var revision = isLive ? present!.Value.Revision : 0;
            if (ifRevision is { } expected && expected != revision)
            {
                return new StateWrite(false, revision);
            }

            if (present is null)
            {
                await CheckRoomAsync(scope, cancellationToken);
            }

            if (await TryPutAsync((place, value, headers), ifRevision is null ? null : present?.Revision ?? 0, cancellationToken) is { } written)
            {
                return new StateWrite(true, written);
            }
        }
    }

    /// <summary>Forgets a key; false with revision 0 where it is not there.</summary>
    /// <exception cref="FunctionFaultException">It cannot be a key.</exception>
    public async ValueTask<StateWrite> DeleteAsync(StateScope scope, string key, ulong? ifRevision, CancellationToken cancellationToken)
    {
        var place = scope.PlaceOf(key);
        while (true)
        {
            var (present, isLive) = await FindAsync(place, cancellationToken);
            var revision = isLive ? present!.Value.Revision : 0;
            if (revision == 0 || (ifRevision is { } expected && expected != revision))
            {
                return new StateWrite(false, revision);
            }

            if (await _store.TryRemoveAsync(revision, cancellationToken))
            {
                return new StateWrite(true, 0);
            }
        }
    }

    /// <summary>The keys that begin with <paramref name="prefix"/>, by name, without their values.</summary>
    public async ValueTask<IReadOnlyList<StateEntry>> ListAsync(StateScope scope, string prefix, CancellationToken cancellationToken)
    {
        var entries = new List<StateEntry>();
        await foreach (var entry in _store.ReadHeadersAsync(scope.Filter, cancellationToken))
        {
            if (IsLive(entry) && scope.KeyAt(entry.Key).StartsWith(prefix, StringComparison.Ordinal))
            {
                entries.Add(EntryOf(scope, entry));
            }
        }

        entries.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        return entries;
    }

    /// <summary>Removes what has expired, of everybody; returns how many.</summary>
    public ValueTask<int> SweepAsync(CancellationToken cancellationToken) => SweepAsync(">", cancellationToken);

    private async ValueTask<int> SweepAsync(string filter, CancellationToken cancellationToken)
    {
        var removed = 0;
        await foreach (var entry in _store.ReadHeadersAsync(filter, cancellationToken))
        {
            if (!IsLive(entry) && await _store.TryRemoveAsync(entry.Revision, cancellationToken))
            {
                removed++;
            }
        }

        return removed;
    }

    private async ValueTask<ulong?> TryPutAsync((string Place, ReadOnlyMemory<byte> Value, NatsHeaders Headers) write, ulong? expected, CancellationToken cancellationToken)
    {
        try
        {
            return await _store.TryUpdateAsync(write.Place, write.Value, write.Headers, expected, cancellationToken);
        }
        catch (NatsJSApiException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.QuotaExceeded, $"nothing more can be remembered: {error.Error.Description}", "delete keys, or let values expire by a ttl"), error);
        }
    }

    private async ValueTask<(NatsKVEntry? Present, bool IsLive)> FindAsync(string place, CancellationToken cancellationToken)
    {
        var present = await _store.TryGetEntryAsync(place, cancellationToken);
        return (present, present is { } found && IsLive(found));
    }

    private void Check(string key, int length, TimeSpan? age)
    {
        if (length > _options.MaximumValueBytes)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"the value of '{key}' has {length} bytes, {_options.MaximumValueBytes} are allowed", "keep large things in a checkpoint or a file, or raise toolruntime.state.maximumValueBytes");
        }

        if (age is { } given && (given <= TimeSpan.Zero || given > s_longest))
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"ttl: {given.TotalSeconds:0.###} s is out of bounds", $"above 0, and at most {s_longest.TotalSeconds:0} s");
        }
    }

    /// <summary>Expired keys count until they are removed: where there seems to be no room, they are.</summary>
    private async ValueTask CheckRoomAsync(StateScope scope, CancellationToken cancellationToken)
    {
        var most = scope.Session is null ? _options.MaximumTenantKeys : _options.MaximumSessionKeys;
        if (await _store.CountAsync(scope.Filter, cancellationToken) < most || await SweepAsync(scope.Filter, cancellationToken) > 0)
        {
            return;
        }

        var (whose, option) = scope.Session is null ? ("tenant", "maximumTenantKeys") : ("session", "maximumSessionKeys");
        throw new FunctionFaultException(FaultCode.QuotaExceeded, $"the {whose} has {most} keys already", $"delete some, or raise toolruntime.state.{option}");
    }

    private bool IsLive(NatsKVEntry entry) => entry.Operation == NatsKVOperation.Put && (ExpiresOf(entry) is not { } expires || expires > _time.GetUtcNow());

    private static StateEntry EntryOf(StateScope scope, NatsKVEntry entry) => new(scope.KeyAt(entry.Key), entry.Value, entry.Revision, ExpiresOf(entry));

    private static DateTimeOffset? ExpiresOf(NatsKVEntry entry) =>
        entry.Headers.TryGetNumber("Toolrt-Expires"u8, out var expires) ? DateTimeOffset.FromUnixTimeMilliseconds((long)expires) : null;
}
