using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Sandboxes;

namespace ToolRuntime.Runtime.Sessions;

/// <summary>
/// The sessions that this runtime owns: taken with the first call that needs a sandbox of the session, kept by heartbeat, released when no
/// sandbox is left. The entry also says of which version of each function the session has a sandbox, so that its calls go on there after
/// a deploy.
/// </summary>
internal sealed partial class SessionClaims(SessionOwners owners, FunctionSandboxes sandboxes, RuntimeOptions options, TimeProvider time, ILogger<SessionClaims> logger)
{
    private readonly ConcurrentDictionary<(string Tenant, string Session), HeldSession> _held = new();

    /// <summary>Sessions held now.</summary>
    public int Count => _held.Count;

    /// <summary>Takes or keeps a session for a call to <paramref name="version"/>; null when it is ours, else its owner.</summary>
    public async ValueTask<SessionOwner?> TakeAsync(string session, FunctionVersion version, CancellationToken cancellationToken)
    {
        var key = (version.Tenant, session);
        while (true)
        {
            var held = _held.GetOrAdd(key, static _ => new HeldSession());
            if (!held.TryAdd(version, time.GetUtcNow()) && held.Entry is { } entry && entry.Expires > time.GetUtcNow())
            {
                return null;
            }

            try
            {
                if (await owners.TryTakeAsync(version.Tenant, session, ClaimOf(held), cancellationToken) is { } taken)
                {
                    held.Entry = taken;
                    _held[key] = held;
                    return null;
                }

                held.Entry = null;
            }
            finally
            {
                if (held.Entry is null)
                {
                    _held.TryRemove(KeyValuePair.Create(key, held));
                }
            }

            if (await owners.GetAsync(version.Tenant, session, cancellationToken) is { } owner)
            {
                return owner;
            }
        }
    }

    /// <summary>Takes a session whose owner is gone; its entry, or null when another has it.</summary>
    public async ValueTask<SessionOwner?> AdoptAsync(string tenant, string session, CancellationToken cancellationToken)
    {
        var held = _held.TryGetValue((tenant, session), out var known) ? known : new HeldSession();
        if (held.Entry is { } entry && entry.Expires > time.GetUtcNow())
        {
            return entry;
        }

        if (await owners.TryTakeAsync(tenant, session, ClaimOf(held), cancellationToken) is not { } taken)
        {
            return null;
        }

        held.Entry = taken;
        _held.TryAdd((tenant, session), held);
        return taken;
    }

    /// <summary>The epoch under which a session is held, or 0.</summary>
    public ulong EpochOf(string tenant, string session) => _held.TryGetValue((tenant, session), out var held) ? held.Entry?.Epoch ?? 0 : 0;

    /// <summary>Renews what is held until the token ends, three times in a lifetime.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(options.OwnerLifetime / 3, time);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                foreach (var (key, held) in _held)
                {
                    await RenewAsync(key, held, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    /// <summary>Gives a session up where it has no sandbox any more; the heartbeat does so later where it still has.</summary>
    public async Task ReleaseIfFreeAsync(string tenant, string session, CancellationToken cancellationToken)
    {
        if (_held.ContainsKey((tenant, session)) && !sandboxes.Has(tenant, session))
        {
            await ReleaseAsync((tenant, session), cancellationToken);
        }
    }

    /// <summary>Gives everything up, for a runtime that stops.</summary>
    public async Task ReleaseAllAsync(CancellationToken cancellationToken)
    {
        foreach (var key in _held.Keys)
        {
            await ReleaseAsync(key, cancellationToken);
        }
    }

    private OwnerClaim ClaimOf(HeldSession held) => new(options.RuntimeId, options.OwnerLifetime, options.PipeAddress) { Versions = () => held.Versions };

    private async Task RenewAsync((string Tenant, string Session) key, HeldSession held, CancellationToken cancellationToken)
    {
        if (held.Entry is not { } entry)
        {
            return;
        }

        try
        {
            var now = time.GetUtcNow();
            held.Keep(digest => sandboxes.Has(key.Tenant, key.Session, digest), now - (options.OwnerLifetime / 2));
            if (!sandboxes.Has(key.Tenant, key.Session) && entry.Expires - now < options.OwnerLifetime / 2)
            {
                await ReleaseAsync(key, cancellationToken);
            }
            else if (await owners.TryTakeAsync(key.Tenant, key.Session, ClaimOf(held), cancellationToken) is { } kept)
            {
                held.Entry = kept;
            }
            else
            {
                _held.TryRemove(key, out _);
                SessionLost(key.Session);
                await sandboxes.EndSessionAsync(key.Tenant, key.Session);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The rim of the heartbeat: the next beat tries again, and the entry lives a whole lifetime.
            HeartbeatFailed(key.Session, error);
        }
    }

    private async Task ReleaseAsync((string Tenant, string Session) key, CancellationToken cancellationToken)
    {
        _held.TryRemove(key, out _);
        await owners.ReleaseAsync(key.Tenant, key.Session, options.RuntimeId, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "session {Session} belongs to another runtime now; its sandboxes here are ended")]
    private partial void SessionLost(string session);

    [LoggerMessage(Level = LogLevel.Warning, Message = "session {Session}: the heartbeat failed")]
    private partial void HeartbeatFailed(string session, Exception error);
}
