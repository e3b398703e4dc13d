using System.Collections.Concurrent;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>
/// The tools of all tenants. Readers see an immutable <see cref="TenantTools"/> that is swapped whole; whoever shows lists hears of changes.
/// </summary>
public sealed class ToolCatalog(OwnTools? own = null)
{
    private readonly ConcurrentDictionary<string, TenantTools> _tenants = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ChangeSubscription, bool> _subscriptions = new();
    private readonly TaskCompletionSource _current = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends once everything that stood at the start is known.</summary>
    public Task Current => _current.Task;

    /// <summary>What a tenant may use at present.</summary>
    public TenantTools Of(string tenant) => _tenants.TryGetValue(tenant, out var tools) ? tools : own?.Of(tenant) ?? TenantTools.Empty;

    /// <summary>Calls <paramref name="changed"/> after each change of a tenant's functions until disposed. It must not block.</summary>
    public IDisposable Subscribe(string tenant, Action changed)
    {
        var subscription = new ChangeSubscription(this, changedTenant =>
        {
            if (changedTenant == tenant)
            {
                changed();
            }
        });
        _subscriptions[subscription] = true;
        return subscription;
    }

    /// <summary>Tenants that have or had functions.</summary>
    public IEnumerable<string> Tenants => _tenants.Keys;

    /// <summary>Calls <paramref name="changed"/> with the tenant after each change of anybody's functions until disposed. It must not block.</summary>
    public IDisposable SubscribeAll(Action<string> changed)
    {
        var subscription = new ChangeSubscription(this, changed);
        _subscriptions[subscription] = true;
        return subscription;
    }

    /// <summary>Lets an API serve in a gateway that has no bus: it is all that is known.</summary>
    public void Serve(ServedApi api)
    {
        Set(api);
        SetCurrent();
    }

    /// <summary>What every tenant may use at present, by tenant.</summary>
    internal IEnumerable<KeyValuePair<string, TenantTools>> All => _tenants;

    /// <summary>Lets a function's name stand for a version, or for none where <paramref name="version"/> is null.</summary>
    internal void Set(string tenant, string function, FunctionVersion? version) => Swap(tenant, tools => tools.With(function, version));

    /// <summary>Lets an API's name stand for it.</summary>
    internal void Set(ServedApi source) => Swap(source.Version.Tenant, tools => tools.With(source));

    /// <summary>Says that everything that stood at the start is known.</summary>
    internal void SetCurrent() => _current.TrySetResult();

    private void Swap(string tenant, Func<TenantTools, TenantTools> next)
    {
        _tenants.AddOrUpdate(tenant, (_, change) => change(own?.Of(tenant) ?? TenantTools.Empty), static (_, present, change) => change(present), next);
        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Raise(tenant);
        }
    }

    private sealed class ChangeSubscription(ToolCatalog owner, Action<string> changed) : IDisposable
    {
        public void Raise(string tenant) => changed(tenant);

        public void Dispose() => owner._subscriptions.TryRemove(this, out _);
    }
}
