using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation.Upstream;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation;

/// <summary>
/// Resources, templates and prompts of all MCP servers of a tenant, joined in the order of the functions' names, untouched but for the
/// prefix of prompts. A server that is spoken to already is asked; of the others stands what was kept when they were listed last, so that
/// none is woken for a list. A server that fails or is slow never fails or holds up the list.
/// </summary>
public sealed class ServerLists(ToolCatalog catalog, SessionTools sessions, ServerConnections connections, SourceHealth health, TimeProvider time)
{
    private const int MaximumPages = 1_000;
    private const int MaximumBytes = UpstreamTarget.MaximumMessage;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Whether the tenant has any server whose lists could be asked for.</summary>
    public bool HasServers(string tenant, ToolScope scope) => catalog.Of(tenant) is var tools && (tools.Servers.Any(v => scope.HasSource(v.Manifest.Name)) || tools.Apis.Any(scope.HasSource));

    /// <summary>The raw items of all servers.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="session">The session that the caller named, or null.</param>
    /// <param name="scope">Which servers the endpoint has.</param>
    /// <param name="kind">What is listed.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ListAsync(Caller caller, string? session, ToolScope scope, ServerListKind kind, CancellationToken cancellationToken)
    {
        var servers = await ServersAsync(caller, session, scope, cancellationToken);
        var lists = await Task.WhenAll(servers.Where(v => !health.IsHidden(v)).Select(v => ShownAsync(caller, session, v, kind, cancellationToken)));
        return [.. lists.SelectMany(l => l)];
    }

    /// <summary>
    /// The server that has an item, or where none lists it, one that has templates, and the server's own name for it; null when there is
    /// no server.
    /// </summary>
    public async Task<(FunctionVersion Version, string Key)?> FindAsync(Caller caller, string? session, ToolScope scope, (ServerListKind Kind, string Key) item, CancellationToken cancellationToken)
    {
        var servers = await ServersAsync(caller, session, scope, cancellationToken);
        if (servers is [var only] && (item.Kind != ServerListKind.Prompts || string.IsNullOrEmpty(only.Manifest.Prefix)))
        {
            return (only, item.Key);
        }

        foreach (var version in servers)
        {
            var items = await ItemsAsync(caller, session, version, item.Kind, cancellationToken);
            if (items.Select(i => KeyOf(item.Kind, i)).FirstOrDefault(k => k is not null && Shown(item.Kind, version, k) == item.Key) is { } key)
            {
                return (version, key);
            }
        }

        return item.Kind == ServerListKind.Resources ? await FindByTemplateAsync(caller, session, servers, item.Key, cancellationToken) : null;
    }

    private async Task<(FunctionVersion Version, string Key)?> FindByTemplateAsync(Caller caller, string? session, ImmutableArray<FunctionVersion> servers, string uri, CancellationToken cancellationToken)
    {
        foreach (var version in servers)
        {
            var templates = await ItemsAsync(caller, session, version, ServerListKind.Templates, cancellationToken);
            if (templates.Any(t => UriTemplates.CouldBe(KeyOf(ServerListKind.Templates, t) ?? "", uri)))
            {
                return (version, uri);
            }
        }

        return null;
    }

    private async ValueTask<ImmutableArray<FunctionVersion>> ServersAsync(Caller caller, string? session, ToolScope scope, CancellationToken cancellationToken)
    {
        var servers = (await sessions.OfAsync(caller.Tenant, session, cancellationToken)).Servers;
        return scope.IsAll ? servers : [.. servers.Where(v => scope.HasSource(v.Manifest.Name))];
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ShownAsync(Caller caller, string? session, FunctionVersion version, ServerListKind kind, CancellationToken cancellationToken)
    {
        var items = await ItemsAsync(caller, session, version, kind, cancellationToken);
        return kind == ServerListKind.Prompts && version.Manifest.Prefix is { Length: > 0 }
            ? [.. items.Select(i => Renamed(i, Shown(kind, version, KeyOf(kind, i) ?? "")))]
            : items;
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ItemsAsync(Caller caller, string? session, FunctionVersion version, ServerListKind kind, CancellationToken cancellationToken)
    {
        var address = ServerAddress.For(caller, session, version);
        var open = connections.Find(address);
        if (open is null && kind.KeptIn(version.Server) is { } kept)
        {
            return kept;
        }

        using var patience = new CancellationTokenSource(open is null ? Timeout.InfiniteTimeSpan : s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var connection = open ?? await connections.GetAsync(address, version, either.Token);
            return connection.Has(Encoding.UTF8.GetBytes(kind.Capability)) ? await PagesAsync(connection, kind, either.Token) : [];
        }
        catch (Exception error) when (error is FunctionFaultException or IOException or JsonException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return kind.KeptIn(version.Server) ?? [];
        }
    }

    /// <summary>All items of one server, as far as one message could hold them; a server that gives the same cursor again has come to its end.</summary>
    /// <exception cref="FunctionFaultException">The server refuses or is gone.</exception>
    internal static async Task<IReadOnlyList<ReadOnlyMemory<byte>>> PagesAsync(ServerConnection connection, ServerListKind kind, CancellationToken cancellationToken)
    {
        var items = new List<ReadOnlyMemory<byte>>();
        var parameters = ReadOnlyMemory<byte>.Empty;
        var cursor = ReadOnlyMemory<byte>.Empty;
        for (var (page, bytes) = (0, 0); page < MaximumPages && bytes < MaximumBytes; page++)
        {
            var result = await connection.AskAsync(kind.Method, parameters, cancellationToken);
            items.AddRange(RawJson.Items(RawJson.Member(result, Encoding.UTF8.GetBytes(kind.Member))));
            bytes += result.Length;
            var next = RawJson.Member(result, "nextCursor"u8);
            if (RawJson.Text(next) is null || next.Span.SequenceEqual(cursor.Span))
            {
                break;
            }

            cursor = next;
            parameters = (byte[])[.. "{\"cursor\":"u8, .. cursor.Span, .. "}"u8];
        }

        return items;
    }

    private static string? KeyOf(ServerListKind kind, ReadOnlyMemory<byte> item) => RawJson.Text(RawJson.Member(item, Encoding.UTF8.GetBytes(kind.Key)));

    private static string Shown(ServerListKind kind, FunctionVersion version, string key) =>
        kind == ServerListKind.Prompts ? PrefixedNames.Of(version.Manifest.Prefix ?? "", key) : key;

    private static byte[] Renamed(ReadOnlyMemory<byte> item, string name)
    {
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"name\":"u8).Text(name);
        foreach (var (member, value) in RawJson.Members(item).Where(m => m.Key != "name"))
        {
            buffer.Raw(","u8).Text(member).Raw(":"u8).Raw(value.Span);
        }

        return buffer.Raw("}"u8).Written.ToArray();
    }
}
