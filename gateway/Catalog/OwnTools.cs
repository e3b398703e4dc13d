using System.Collections.Concurrent;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>The gateway's own tools, which every tenant has: sources that nobody deployed.</summary>
/// <param name="sources">The sources.</param>
public sealed class OwnTools(IEnumerable<OwnSource> sources)
{
    private const int LongestCallSeconds = 3600;
    private readonly ConcurrentDictionary<string, TenantTools> _tenants = new(StringComparer.Ordinal);

    /// <summary>A tenant's tools before anything is deployed.</summary>
    public TenantTools Of(string tenant) => _tenants.GetOrAdd(tenant, t => TenantTools.Of([.. sources.SelectMany(s => Routes(t, s))]));

    private static IEnumerable<ToolRoute> Routes(string tenant, OwnSource source)
    {
        var version = new FunctionVersion
        {
            Digest = source.Name,
            Tenant = tenant,
            Manifest = new FunctionManifest { Name = source.Name, Language = FunctionLanguage.Sandbox, TimeoutSeconds = LongestCallSeconds },
            Tools = [.. source.Tools.Select(t => t.Tool)],
            Layers = [],
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        return source.Tools.Select(t => new ToolRoute(version, t.Tool) { Own = t.Run });
    }
}
