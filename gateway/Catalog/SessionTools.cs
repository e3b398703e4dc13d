using System.Collections.Concurrent;

using ToolRuntime.Bus;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>
/// What one session may use: its tenant's tools, where each function of which the session has a sandbox stands at the version of that
/// sandbox. So a live session finishes on the version that it began with, and sees the tools that it can call.
/// </summary>
public sealed class SessionTools(ToolCatalog catalog, MessageBus? bus = null)
{
    private const int MaximumKept = 4096;
    private readonly ConcurrentDictionary<(string Tenant, string Session), Overlay> _overlays = new();

    /// <summary>Whether a session can have a sandbox of its own of <paramref name="version"/>.</summary>
    public static bool KeepsState(FunctionVersion version) =>
        version.Manifest is { Isolation: Isolation.Session, Remote: null, Language: not (FunctionLanguage.Api or FunctionLanguage.Sandbox) };

    /// <summary>The tools of a session that the caller named, or with null of its tenant.</summary>
    public async ValueTask<TenantTools> OfAsync(string tenant, string? session, CancellationToken cancellationToken) =>
        session is null ? catalog.Of(tenant) : (await FindAsync(tenant, session, cancellationToken)).Tools;

    /// <summary>The tools of a session, and the runtime that owns it, or null.</summary>
    public async ValueTask<(TenantTools Tools, string? Owner)> FindAsync(string tenant, string session, CancellationToken cancellationToken)
    {
        var owner = bus is null ? null : await bus.Owners.GetAsync(tenant, session, cancellationToken);
        var present = catalog.Of(tenant);
        var earlier = owner is null ? [] : Earlier(present, owner);
        return (earlier.Count == 0 ? present : await OverlayAsync((tenant, session), present, earlier, cancellationToken), owner?.Runtime);
    }

    private static List<(string Function, string Digest)> Earlier(TenantTools present, SessionOwner owner) =>
        [.. owner.Versions.Where(v => present.Functions.TryGetValue(v.Key, out var active) && active.Digest != v.Value).Select(v => (v.Key, v.Value)).Order()];

    private async ValueTask<TenantTools> OverlayAsync((string Tenant, string Session) key, TenantTools present, List<(string Function, string Digest)> earlier, CancellationToken cancellationToken)
    {
        if (_overlays.TryGetValue(key, out var kept) && kept.Present == present && kept.Earlier.SequenceEqual(earlier))
        {
            return kept.Tools;
        }

        var tools = present;
        foreach (var (function, digest) in earlier)
        {
            tools = await bus!.Catalog.GetVersionAsync(key.Tenant, digest, cancellationToken) is { } version ? tools.With(function, version) : tools;
        }

        if (_overlays.Count >= MaximumKept)
        {
            // Only a saving of time: whoever needs one again makes it again.
            _overlays.Clear();
        }

        _overlays[key] = new Overlay(present, earlier, tools);
        return tools;
    }

    private sealed record Overlay(TenantTools Present, List<(string Function, string Digest)> Earlier, TenantTools Tools);
}
