using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Federation;

/// <summary>
/// The tools of a tenant as one session has them: those of the catalog, which were listed at deploy, and in place of a server's own those
/// that it lists since it said that they changed. What a server changed lasts as long as its connection.
/// </summary>
public sealed class ServerTools(ToolCatalog catalog, SourceHealth health)
{
    private const int MaximumTools = 1_000;
    private const int MaximumViews = 10_000;
    private readonly ConcurrentDictionary<ServerAddress, ImmutableArray<ToolDefinition>> _changed = new();
    private readonly ConcurrentDictionary<(string Tenant, string Owner), View> _views = new();
    private long _epoch;

    /// <summary>What a caller may use, in the session that it named, or null.</summary>
    public TenantTools Of(Caller caller, string? session) => Of(caller, session, catalog.Of(caller.Tenant));

    /// <summary>Whether a list of an endpoint shows a tool.</summary>
    public bool IsListed(ToolScope scope, ToolRoute route) => scope.Has(route) && !(route.IsMcpServer && health.IsHidden(route.Version));

    /// <summary>Whether a list of an endpoint shows all of some tools: then <see cref="IsListed"/> need not be asked for each.</summary>
    public static bool IsWhole(ToolScope scope, TenantTools tools) => scope.IsAll && tools.Servers.IsEmpty;

    /// <summary>What a caller may use of <paramref name="tools"/>, in the session that it named, or null.</summary>
    public TenantTools Of(Caller caller, string? session, TenantTools tools) =>
        _changed.IsEmpty || tools.Servers.IsEmpty ? tools : Changed(caller, session, tools);

    /// <summary>Takes the list that a server gives now.</summary>
    internal void Change(ServerAddress server, string prefix, IReadOnlyList<ReadOnlyMemory<byte>> tools)
    {
        _changed[server] = Read(prefix, tools);
        Interlocked.Increment(ref _epoch);
    }

    /// <summary>Goes back to what the catalog says; true when that is another list.</summary>
    internal bool Forget(ServerAddress server)
    {
        var forgotten = _changed.TryRemove(server, out _);
        Interlocked.Increment(ref _epoch);
        return forgotten;
    }

    private TenantTools Changed(Caller caller, string? session, TenantTools tools)
    {
        var key = (caller.Tenant, session ?? $"\n{caller.Subject}");
        var epoch = Interlocked.Read(ref _epoch);
        if (_views.TryGetValue(key, out var view) && view.Epoch == epoch && ReferenceEquals(view.Base, tools))
        {
            return view.Tools;
        }

        var seen = tools;
        foreach (var version in tools.Servers)
        {
            if (_changed.TryGetValue(ServerAddress.For(caller, session, version), out var changed))
            {
                seen = seen.With(version.Manifest.Name, version with { Tools = changed });
            }
        }

        if (_views.Count >= MaximumViews)
        {
            _views.Clear();
        }

        _views[key] = new View(tools, epoch, seen);
        return seen;
    }

    /// <summary>The tools that a server lists, as clients see them, without what could not have been deployed either.</summary>
    internal static ImmutableArray<ToolDefinition> Read(string prefix, IReadOnlyList<ReadOnlyMemory<byte>> tools) =>
    [
        .. tools.Take(MaximumTools)
            .Select(t => ToolJson.Read(JsonElement.Parse(t.Span)))
            .OfType<ToolDefinition>()
            .Where(t => t.InputSchema.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("object"))
            .Select(t => PrefixedNames.Of(prefix, t))
            .Where(t => Names.IsTool(t.Name))
            .DistinctBy(t => t.Name, StringComparer.Ordinal),
    ];

    private sealed record View(TenantTools Base, long Epoch, TenantTools Tools);
}
