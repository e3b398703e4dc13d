using System.Collections.Concurrent;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>The gateway's own tools, which every tenant has: one source that nobody deployed.</summary>
/// <param name="source">The source's name.</param>
/// <param name="tools">The tools and what they do.</param>
public sealed class OwnTools(string source, IReadOnlyList<(ToolDefinition Tool, OwnTool Run)> tools)
{
    private const int LongestCallSeconds = 3600;
    private readonly ConcurrentDictionary<string, TenantTools> _tenants = new(StringComparer.Ordinal);

    /// <summary>A tenant's tools before anything is deployed.</summary>
    public TenantTools Of(string tenant) => _tenants.GetOrAdd(tenant, Make);

    private TenantTools Make(string tenant)
    {
        var version = new FunctionVersion
        {
            Digest = source,
            Tenant = tenant,
            Manifest = new FunctionManifest { Name = source, Language = FunctionLanguage.Sandbox, TimeoutSeconds = LongestCallSeconds },
            Tools = [.. tools.Select(t => t.Tool)],
            Layers = [],
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        return TenantTools.Of([.. tools.Select(t => new ToolRoute(version, t.Tool) { Own = t.Run })]);
    }
}
