using System.Collections.Frozen;
using System.Collections.Immutable;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>Everything that one tenant may use; immutable, swapped whole.</summary>
public sealed class TenantTools
{
    private readonly ImmutableSortedDictionary<string, FunctionVersion> _functions;
    private readonly Lazy<(ToolRoute[] Sorted, FrozenDictionary<string, ToolRoute> ByName)> _routes;
    private readonly ImmutableDictionary<string, ImmutableArray<ToolRoute>> _perFunction;
    private readonly ImmutableSortedDictionary<string, ApiRoutes> _apis;
    private readonly ImmutableArray<ToolRoute> _own;
    private readonly ImmutableSortedDictionary<string, FunctionVersion> _servers;
    private readonly byte[]?[] _pages = new byte[]?[Enum.GetValues<ToolShape>().Length];

    private TenantTools(
        ImmutableSortedDictionary<string, FunctionVersion> functions,
        ImmutableSortedDictionary<string, FunctionVersion> servers,
        ImmutableDictionary<string, ImmutableArray<ToolRoute>> perFunction,
        ImmutableSortedDictionary<string, ApiRoutes> apis,
        ImmutableArray<ToolRoute> own)
    {
        _own = own;
        _functions = functions;
        _perFunction = perFunction;
        _apis = apis;
        _routes = new(Build);
        _servers = servers;
    }

    /// <summary>A tenant without functions.</summary>
    public static TenantTools Empty { get; } = new(
        ImmutableSortedDictionary.Create<string, FunctionVersion>(StringComparer.Ordinal),
        ImmutableSortedDictionary.Create<string, FunctionVersion>(StringComparer.Ordinal),
        ImmutableDictionary.Create<string, ImmutableArray<ToolRoute>>(StringComparer.Ordinal),
        ImmutableSortedDictionary.Create<string, ApiRoutes>(StringComparer.Ordinal),
        []);

    /// <summary>The gateway's own tools, and no function.</summary>
    public static TenantTools Of(ImmutableArray<ToolRoute> own) => new(Empty._functions, Empty._servers, Empty._perFunction, Empty._apis, own);

    /// <summary>Whether the gateway itself has tools of a source of that name.</summary>
    public bool HasOwn(string source) => _own.Any(r => r.Version.Manifest.Name == source);

    /// <summary>The tools that lists show, by name, in ordinal order: the order of every list.</summary>
    public ReadOnlySpan<ToolRoute> Sorted => _routes.Value.Sorted;

    /// <summary>The whole list as <c>"tools":[…]</c>; written at first use.</summary>
    public ReadOnlySpan<byte> Page(ToolShape shape)
    {
        // Two that come at once write the same.
        ref var page = ref _pages[(int)shape];
        return page ??= Write(shape);
    }

    /// <summary>The versions that its function names stand for, by function name.</summary>
    public IReadOnlyDictionary<string, FunctionVersion> Functions => _functions;

    /// <summary>Its functions that are MCP servers, in order of their names.</summary>
    public ImmutableArray<FunctionVersion> Servers => [.. _servers.Values];

    /// <summary>Its functions that are HTTP APIs.</summary>
    public IEnumerable<string> Apis => _apis.Keys;

    /// <summary>The route of a tool, listed or not, or null.</summary>
    public ToolRoute? Find(string tool)
    {
        if (_routes.Value.ByName.TryGetValue(tool, out var listed))
        {
            return listed;
        }

        foreach (var (_, api) in _apis)
        {
            if (api.Find(tool) is { } route)
            {
                return route;
            }
        }

        return null;
    }

    /// <summary>The same tools with one function set, or removed where <paramref name="version"/> is null.</summary>
    public TenantTools With(string function, FunctionVersion? version) => version is null
        ? new TenantTools(_functions.Remove(function), _servers.Remove(function), _perFunction.Remove(function), _apis.Remove(function), _own)
        : new TenantTools(_functions.SetItem(function, version), version.Manifest.Language == FunctionLanguage.Mcp ? _servers.SetItem(function, version) : _servers.Remove(function), _perFunction.SetItem(function, [.. version.Tools.Select(t => new ToolRoute(version, t))]), _apis.Remove(function), _own);

    /// <summary>The same tools with one API set.</summary>
    public TenantTools With(ServedApi source)
    {
        var (name, routes) = (source.Version.Manifest.Name, new ApiRoutes(source));
        return new TenantTools(_functions.SetItem(name, source.Version), _servers.Remove(name), _perFunction.SetItem(name, routes.Listed), _apis.SetItem(name, routes), _own);
    }

    private byte[] Write(ToolShape shape)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("\"tools\":["u8);
        for (var i = 0; i < Sorted.Length; i++)
        {
            buffer.Raw(i == 0 ? ""u8 : ","u8).Raw(Sorted[i].Listing.For(shape));
        }

        return buffer.Raw("]"u8).Written.ToArray();
    }

    private (ToolRoute[] Sorted, FrozenDictionary<string, ToolRoute> ByName) Build()
    {
        // Two functions with one tool name are refused at deploy; where they meet all the same, the first function by name keeps it.
        var byName = new Dictionary<string, ToolRoute>(StringComparer.Ordinal);
        foreach (var function in _functions.Keys)
        {
            foreach (var route in _perFunction[function])
            {
                byName.TryAdd(route.Tool.Name, route);
            }
        }

        foreach (var route in _own)
        {
            byName.TryAdd(route.Tool.Name, route);
        }

        var sorted = byName.Values.OrderBy(r => r.Tool.Name, StringComparer.Ordinal).ToArray();
        return (sorted, byName.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
