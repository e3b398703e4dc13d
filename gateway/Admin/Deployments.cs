using ToolRuntime.Bus;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Admin;

/// <summary>
/// What a function's name stands for: swapped to another version in one compare-and-set. Whatever fails before leaves the old version
/// serving.
/// </summary>
public sealed class Deployments(MessageBus bus, ToolCatalog catalog, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_visibleWithin = TimeSpan.FromSeconds(10);

    // One swap at a time, so that two functions cannot both find a tool's name free.
    private readonly SemaphoreSlim _swapping = new(1, 1);

    /// <summary>Lets the version's name stand for it; returns once this gateway serves it.</summary>
    /// <exception cref="FunctionFaultException">A schema or a tool's name is refused.</exception>
    public Task ActivateAsync(FunctionVersion version, CancellationToken cancellationToken) => ActivateAsync(version, [.. version.Tools.Select(t => t.Name)], cancellationToken);

    /// <summary>The same for a version whose tools are not stored in it, but named by <paramref name="tools"/>.</summary>
    /// <exception cref="FunctionFaultException">A schema or a tool's name is refused.</exception>
    public async Task ActivateAsync(FunctionVersion version, IReadOnlyList<string> tools, CancellationToken cancellationToken)
    {
        VersionCheck.Tools(version);
        await _swapping.WaitAsync(cancellationToken);
        try
        {
            VersionCheck.Names(version, tools, catalog.Of(version.Tenant));
            await bus.Catalog.PutVersionAsync(version, cancellationToken);
            await SwapAsync(version.Tenant, version.Manifest.Name, record => Next(version, record, time.GetUtcNow()), cancellationToken);
            await VisibleAsync(version.Tenant, version.Manifest.Name, version.Digest, cancellationToken);
        }
        finally
        {
            _swapping.Release();
        }
    }

    /// <summary>
    /// Lets a version with a server's present lists take the place of <paramref name="from"/>; false when that no longer serves. A tool whose
    /// name another function has meanwhile is left out.
    /// </summary>
    public async Task<bool> RefreshAsync(FunctionVersion version, string from, CancellationToken cancellationToken)
    {
        await _swapping.WaitAsync(cancellationToken);
        try
        {
            var (tenant, name) = (version.Tenant, version.Manifest.Name);
            var tools = catalog.Of(tenant);
            var free = version.Tools.Where(t => tools.Find(t.Name) is not { } other || other.Version.Manifest.Name == name).ToList();
            version = free.Count == version.Tools.Count ? version : VersionDigest.Name(version with { Tools = free });
            if (await bus.Catalog.GetRecordAsync(tenant, name, cancellationToken) is not { Record: { Active: [var active, ..] } record } found || active.Digest != from || version.Digest == from)
            {
                return false;
            }

            await bus.Catalog.PutVersionAsync(version, cancellationToken);
            if (!await bus.Catalog.TrySwapRecordAsync(Next(version, record, time.GetUtcNow()), found.Revision, cancellationToken))
            {
                return false;
            }

            await VisibleAsync(tenant, name, version.Digest, cancellationToken);
            return true;
        }
        finally
        {
            _swapping.Release();
        }
    }

    /// <summary>Lets an earlier version serve again.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="name">Which function.</param>
    /// <param name="to">The version or its first characters; null for the one before.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The version that serves now.</returns>
    public async Task<string> RollbackAsync(string tenant, string name, string? to, CancellationToken cancellationToken)
    {
        await _swapping.WaitAsync(cancellationToken);
        try
        {
            var digest = Earlier(await RecordAsync(tenant, name, cancellationToken), to);
            var version = await bus.Catalog.GetVersionAsync(tenant, digest, cancellationToken)
                ?? throw NoLongerKept(name, digest);
            VersionCheck.Names(version, [.. version.Tools.Select(t => t.Name)], catalog.Of(tenant));
            await SwapAsync(tenant, name, r => Back(r, digest, time.GetUtcNow()), cancellationToken);
            await VisibleAsync(tenant, name, digest, cancellationToken);
            return digest;
        }
        finally
        {
            _swapping.Release();
        }
    }

    /// <summary>Removes a function's name; returns once this gateway no longer serves it.</summary>
    public async Task RemoveAsync(string tenant, string name, CancellationToken cancellationToken)
    {
        await RecordAsync(tenant, name, cancellationToken);
        await SwapAsync(tenant, name, r => Without(r, tenant, name, time.GetUtcNow()), cancellationToken);
        await VisibleAsync(tenant, name, null, cancellationToken);
    }

    /// <summary>The record of a function.</summary>
    /// <exception cref="FunctionFaultException">There is none.</exception>
    public async Task<FunctionRecord> RecordAsync(string tenant, string name, CancellationToken cancellationToken) =>
        (await bus.Catalog.GetRecordAsync(tenant, name, cancellationToken)) is { Record: { Active.Count: > 0 } record }
        ? record
        : throw new FunctionFaultException(FaultCode.ToolNotFound, $"there is no function '{name}'", "list the functions to see their names");

    /// <inheritdoc/>
    public void Dispose() => _swapping.Dispose();

    private static FunctionRecord Next(FunctionVersion version, FunctionRecord? before, DateTimeOffset now) => new()
    {
        Tenant = version.Tenant,
        Name = version.Manifest.Name,
        Active = [new WeightedVersion(version.Digest, 100)],
        History = [.. new[] { version.Digest }.Concat((before is { Active.Count: > 0 } ? before.History : []).Where(d => d != version.Digest)).Take(FunctionRecord.MaximumHistory)],
        Retired = Retired(before, version.Digest, now),
        UpdatedAt = now,
    };

    private static FunctionRecord Back(FunctionRecord? before, string digest, DateTimeOffset now) =>
        before is { Active.Count: > 0 } && before.History.Contains(digest, StringComparer.Ordinal)
            ? before with { Active = [new WeightedVersion(digest, 100)], Retired = Retired(before, digest, now), UpdatedAt = now }
            : throw NoLongerKept(before?.Name ?? "the function", digest);

    /// <summary>Nothing serves any more; what served is kept until it is collected, for calls that run.</summary>
    private static FunctionRecord Without(FunctionRecord? before, string tenant, string name, DateTimeOffset now) => new()
    {
        Tenant = tenant,
        Name = name,
        Active = [],
        History = [],
        Retired = Retired(before, active: null, now),
        UpdatedAt = now,
    };

    private static Dictionary<string, DateTimeOffset> Retired(FunctionRecord? before, string? active, DateTimeOffset now)
    {
        var retired = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        foreach (var digest in (before?.History ?? []).Concat(before?.Active.Select(a => a.Digest) ?? []).Concat(before?.Retired.Keys ?? []).Where(d => d != active))
        {
            // One that served until now retires now; one that was passed over before this was noted, at the last change.
            var served = before!.Active.Any(a => a.Digest == digest);
            retired[digest] = served ? now : before.Retired.TryGetValue(digest, out var since) ? since : before.UpdatedAt;
        }

        return retired;
    }

    private static FunctionFaultException NoLongerKept(string name, string digest) => new(
        FaultCode.DeployRefused,
        $"version {digest} of '{name}' is no longer kept",
        "deploy it again; toolruntime.collection.keepVersions says how many earlier versions are kept");

    private static string Earlier(FunctionRecord record, string? to)
    {
        var versions = $"its versions, newest first: {string.Join(", ", record.History)}; earlier ones are no longer kept (toolruntime.collection.keepVersions)";
        if (to is not null)
        {
            var matching = record.History.Where(d => d.StartsWith(to, StringComparison.Ordinal)).ToList();
            return matching.Count == 1 ? matching[0] : throw new FunctionFaultException(
                FaultCode.DeployRefused,
                matching.Count == 0 ? $"'{record.Name}' has no version that begins with '{to}'" : $"several versions of '{record.Name}' begin with '{to}'",
                versions);
        }

        var present = record.Active[0].Digest;
        return record.History.SkipWhile(d => d != present).Skip(1).FirstOrDefault()
            ?? throw new FunctionFaultException(FaultCode.DeployRefused, $"'{record.Name}' has no version before {present}", versions);
    }

    private async Task SwapAsync(string tenant, string name, Func<FunctionRecord?, FunctionRecord> next, CancellationToken cancellationToken)
    {
        while (true)
        {
            var before = await bus.Catalog.GetRecordAsync(tenant, name, cancellationToken);
            if (await bus.Catalog.TrySwapRecordAsync(next(before?.Record), before?.Revision ?? 0, cancellationToken))
            {
                return;
            }
        }
    }

    private async Task VisibleAsync(string tenant, string name, string? digest, CancellationToken cancellationToken)
    {
        var visible = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = catalog.Subscribe(tenant, Check);
        Check();
        await visible.Task.WaitAsync(s_visibleWithin, time, cancellationToken);

        void Check()
        {
            if (catalog.Of(tenant).Functions.GetValueOrDefault(name)?.Digest == digest)
            {
                visible.TrySetResult();
            }
        }
    }
}
