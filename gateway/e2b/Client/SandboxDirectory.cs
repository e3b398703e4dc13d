using System.Collections.Concurrent;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Client;

/// <summary>Every sandbox, snapshot and volume that stands, kept in step with the bus. What a runtime has just answered counts at once.</summary>
public sealed partial class SandboxDirectory(MessageBus bus, TimeProvider time, ILogger<SandboxDirectory> log) : BackgroundService
{
    private const int MostEnded = 10_000;
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_goneFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_endedFor = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<string, SandboxRecord> _records = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SandboxSnapshot> _snapshots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, VolumeRecord> _volumes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SandboxRecord> _ended = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _gone = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _current = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends once everything that stood at the start is known.</summary>
    public Task Current => _current.Task;

    /// <summary>A sandbox of whichever tenant, or null. Ids are random and cannot be guessed.</summary>
    public SandboxRecord? Find(string id) => _records.GetValueOrDefault(id);

    /// <summary>A tenant's sandbox.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound.</exception>
    public SandboxRecord Get(string tenant, string id) => Find(id) is { } record && record.Tenant == tenant
        ? record
        : throw new FunctionFaultException(Missing(tenant, id));

    /// <summary>A tenant's sandboxes, the newest first.</summary>
    public IReadOnlyList<SandboxRecord> Of(string tenant) => [.. _records.Values.Where(r => r.Tenant == tenant).OrderByDescending(r => r.StartedAt).ThenBy(r => r.Id, StringComparer.Ordinal)];

    /// <summary>All sandboxes.</summary>
    public IEnumerable<SandboxRecord> All => _records.Values;

    /// <summary>A tenant's snapshots, the newest first.</summary>
    public IReadOnlyList<SandboxSnapshot> SnapshotsOf(string tenant) => [.. _snapshots.Values.Where(s => s.Tenant == tenant).OrderByDescending(s => s.CreatedAt).ThenBy(s => s.Id, StringComparer.Ordinal)];

    /// <summary>A tenant's snapshot by its id or name, with a tag or without; the newest of a name; or null.</summary>
    public SandboxSnapshot? FindSnapshot(string tenant, string idOrName)
    {
        var colon = idOrName.IndexOf(':', StringComparison.Ordinal);
        var (plain, tag) = colon < 0 ? (idOrName, SandboxSnapshot.DefaultTag) : (idOrName[..colon], idOrName[(colon + 1)..]);
        return _snapshots.GetValueOrDefault(plain) is { } byId && byId.Tenant == tenant
            ? byId
            : SnapshotsOf(tenant).FirstOrDefault(s => s.Name == plain && (s.Tags.Contains(tag, StringComparer.Ordinal) || (s.Tags.Count == 0 && tag == SandboxSnapshot.DefaultTag)));
    }

    /// <summary>A tenant's volumes, by their names.</summary>
    public IReadOnlyList<VolumeRecord> VolumesOf(string tenant) => [.. _volumes.Values.Where(v => v.Tenant == tenant).OrderBy(v => v.Name, StringComparer.Ordinal)];

    /// <summary>A volume of whichever tenant by its id, or null. Ids are random and cannot be guessed.</summary>
    public VolumeRecord? FindVolume(string id) => _volumes.Values.FirstOrDefault(v => v.Id == id);

    /// <summary>A tenant's volume by its id or name.</summary>
    /// <exception cref="FunctionFaultException">SandboxNotFound.</exception>
    public VolumeRecord GetVolume(string tenant, string idOrName) =>
        _volumes.Values.FirstOrDefault(v => v.Tenant == tenant && (v.Id == idOrName || v.Name == idOrName))
            ?? throw new FunctionFaultException(FaultCode.SandboxNotFound, $"there is no volume '{idOrName}'", "'toolrt volume list' shows them; 'toolrt volume create' makes one");

    /// <summary>Takes a volume.</summary>
    public void Apply(VolumeRecord volume)
    {
        if (!_gone.ContainsKey(volume.Id))
        {
            _volumes[$"{volume.Tenant}/{volume.Name}"] = volume;
        }
    }

    /// <summary>Takes a record that is at least as new as the one that is known.</summary>
    public void Apply(SandboxRecord record)
    {
        if (record.State == SandboxState.Ended)
        {
            // Why first: who asks in between must not find that there never was one.
            Remember(record);
            Forget(record.Id);
            return;
        }

        if (!_gone.ContainsKey(record.Id))
        {
            _records.AddOrUpdate(record.Id, record, (_, known) => record.Revision >= known.Revision || record.Runtime != known.Runtime ? record : known);
        }
    }

    /// <summary>Takes a snapshot.</summary>
    public void Apply(SandboxSnapshot snapshot) => _snapshots[snapshot.Id] = snapshot;

    /// <summary>Forgets what has ended; what the bus still tells of its time before does not bring it back.</summary>
    public void Forget(string id)
    {
        var now = time.GetUtcNow();
        foreach (var (old, _) in _gone.Where(g => now - g.Value > s_goneFor))
        {
            _gone.TryRemove(old, out _);
        }

        _gone[id] = now;
        _records.TryRemove(id, out _);
        _snapshots.TryRemove(id, out _);
        foreach (var (key, _) in _volumes.Where(v => v.Value.Id == id))
        {
            _volumes.TryRemove(key, out _);
        }
    }

    private void Remember(SandboxRecord ended)
    {
        var until = time.GetUtcNow() - s_endedFor;
        foreach (var (old, _) in _ended.Where(e => e.Value.EndAt < until))
        {
            _ended.TryRemove(old, out _);
        }

        if (ended.EndAt >= until && _ended.Count < MostEnded)
        {
            _ended[ended.Id] = ended;
        }
    }

    /// <summary>Why a sandbox of a tenant is not there, as far as that is known.</summary>
    internal FunctionFault Missing(string tenant, string id) => _ended.GetValueOrDefault(id) is { EndReason: { } reason } ended && ended.Tenant == tenant
        ? new(FaultCode.SandboxNotFound, $"sandbox {id} ended by itself: {reason}", "create another, with more memory where that is the reason")
        : new(FaultCode.SandboxNotFound, $"there is no sandbox {id}", "it was ended, or its time was over; list the sandboxes");

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken) => await Task.WhenAll(
        FollowAsync(bus.Sandboxes, Apply, (unused, id) => _records.TryRemove(id, out var gone), stoppingToken),
        FollowAsync(bus.Snapshots, Apply, (unused, id) => _snapshots.TryRemove(id, out var gone), stoppingToken),
        FollowAsync(bus.Volumes, Apply, (tenant, name) => _volumes.TryRemove($"{tenant}/{name}", out var gone), stoppingToken));

    private async Task FollowAsync<T>(NamedStore<T> store, Action<T> apply, Action<string, string> remove, CancellationToken stoppingToken)
        where T : class
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var (tenant, id, document) in store.WatchAsync(stoppingToken))
                {
                    if (id is null)
                    {
                        _current.TrySetResult();
                    }
                    else if (document is null)
                    {
                        remove(tenant, id);
                    }
                    else
                    {
                        apply(document);
                    }
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // The rim of the loop: whatever went wrong, the sandboxes must be followed on.
                WatchFailed(log, typeof(T).Name, error);
                await Task.Delay(s_retryDelay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The watch of {Kind} failed; it is opened again")]
    private static partial void WatchFailed(ILogger log, string kind, Exception error);
}
