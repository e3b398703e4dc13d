using System.Collections.Concurrent;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation;

/// <summary>Which MCP servers did not answer when they were last tried. A failure outlives no success, and counts no longer than a minute unless it is met again.</summary>
public sealed class SourceHealth(TimeProvider time)
{
    private static readonly TimeSpan s_counts = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(string Tenant, string Source), SourceState> _states = new();
    private event Action<string>? Changed;

    /// <summary>What is known of a server, or null.</summary>
    public SourceState? Of(string tenant, string source) => _states.GetValueOrDefault((tenant, source));

    /// <summary>Whether lists leave a server out: it asked for that, and does not answer.</summary>
    public bool IsHidden(FunctionVersion version) =>
        version.Manifest.OnFailure == ListFailure.Hide
        && Of(version.Tenant, version.Manifest.Name) is { Fault: not null } state
        && (version.Manifest.Remote is not null || time.GetUtcNow() - state.Since < s_counts);

    /// <summary>Calls <paramref name="changed"/> with the tenant when a server that is left out of lists comes or goes, until disposed.</summary>
    public IDisposable Subscribe(Action<string> changed)
    {
        Changed += changed;
        return new Subscription(() => Changed -= changed);
    }

    /// <summary>A server answered.</summary>
    public void Works(string tenant, FunctionVersion version) => Set(tenant, version, null);

    /// <summary>A server did not.</summary>
    public void Fails(string tenant, FunctionVersion version, FunctionFault fault) => Set(tenant, version, fault);

    /// <summary>Forgets a server that is gone.</summary>
    public void Forget(string tenant, string source) => _states.TryRemove((tenant, source), out _);

    private void Set(string tenant, FunctionVersion version, FunctionFault? fault)
    {
        var key = (tenant, version.Manifest.Name);
        var before = _states.GetValueOrDefault(key);
        _states[key] = new SourceState(fault, time.GetUtcNow());
        if (version.Manifest.OnFailure == ListFailure.Hide && before?.Fault is null != fault is null)
        {
            Changed?.Invoke(tenant);
        }
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
