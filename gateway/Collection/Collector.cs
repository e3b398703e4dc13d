using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Bus.State;

namespace ToolRuntime.Gateway.Collection;

/// <summary>
/// Removes what <see cref="CollectionRule"/> says, in rounds, in the background. Several gateways may do so at once: each removal says which
/// state it saw, and one that finds another leaves it to a later round.
/// </summary>
public sealed partial class Collector(MessageBus bus, CollectionOptions options, TimeProvider time, ILogger<Collector> log) : BackgroundService
{
    private static readonly TimeSpan s_roundDeadline = TimeSpan.FromMinutes(5);

    /// <summary>One round as of <paramref name="now"/>; returns what it planned.</summary>
    public async Task<CollectionPlan> CollectAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await bus.State.SweepAsync(cancellationToken);

        // Objects first: what a deployment adds after that is not looked at, and what it reuses has another revision then.
        var objects = await bus.Objects.ListAsync(cancellationToken);
        var content = await bus.Catalog.ReadAllAsync(cancellationToken);
        var inSessions = await bus.Owners.VersionsInUseAsync(cancellationToken);
        var plan = CollectionRule.Plan(new StoreView([.. content.Records.Select(r => r.Record)], [.. content.Versions.Select(v => v.Version)], inSessions, objects), options, now);
        var kept = await ChangeRecordsAsync(plan, content, cancellationToken);
        var revisions = content.Versions.ToDictionary(v => (v.Version.Tenant, v.Version.Digest), v => v.Revision);
        var spared = new HashSet<(string Tenant, string Digest)>();
        foreach (var version in plan.Versions)
        {
            if (!kept.Contains((version.Tenant, version.Manifest.Name))
                && await bus.Catalog.TryRemoveVersionAsync(version, revisions[(version.Tenant, version.Digest)], cancellationToken))
            {
                VersionGone(log, version.Tenant, version.Manifest.Name, version.Digest);
            }
            else
            {
                spared.UnionWith(version.Layers.Select(l => (version.Tenant, l.Digest)));
            }
        }

        foreach (var stored in plan.Objects.Where(o => !spared.Contains((o.Tenant, o.Digest))))
        {
            if (await bus.Objects.TryRemoveAsync(stored, cancellationToken))
            {
                ObjectGone(log, stored.Kind, stored.Tenant, stored.Digest, stored.Size);
            }
        }

        return plan;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(options.Every, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RoundAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends; the next one goes on.
        }
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var timer = time.CreateTimer(static s => ((CancellationTokenSource)s!).Cancel(), deadline, s_roundDeadline, Timeout.InfiniteTimeSpan);
        try
        {
            await CollectAsync(time.GetUtcNow(), deadline.Token);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // The rim of the loop: what was not removed goes in a later round.
            RoundFailed(log, error);
        }
    }

    /// <summary>Takes the versions that go out of their records, before anything of them goes; returns the functions where somebody was faster.</summary>
    private async Task<HashSet<(string Tenant, string Function)>> ChangeRecordsAsync(CollectionPlan plan, CatalogContent content, CancellationToken cancellationToken)
    {
        var revisions = content.Records.ToDictionary(r => (r.Record.Tenant, r.Record.Name), r => r.Revision);
        var kept = new HashSet<(string, string)>();
        foreach (var record in plan.Records)
        {
            var revision = revisions[(record.Tenant, record.Name)];
            var isOver = record.Active.Count == 0 && record.Retired.Count == 0;
            if (!(isOver ? await bus.Catalog.TryRemoveRecordAsync(record, revision, cancellationToken) : await bus.Catalog.TrySwapRecordAsync(record, revision, cancellationToken)))
            {
                kept.Add((record.Tenant, record.Name));
            }
        }

        return kept;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Version {Tenant}/{Function} {Digest} is no longer kept")]
    private static partial void VersionGone(ILogger log, string tenant, string function, string digest);

    [LoggerMessage(Level = LogLevel.Information, Message = "The {Kind} {Tenant}/{Digest} of {Size} bytes is no longer kept")]
    private static partial void ObjectGone(ILogger log, string kind, string tenant, string digest, long size);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A round of collection did not come to its end; the next one goes on")]
    private static partial void RoundFailed(ILogger log, Exception error);
}
