using System.Collections.Concurrent;

using Microsoft.Extensions.Hosting;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;

namespace ToolRuntime.Gateway.Mcp.Legacy;

/// <summary>The sessions of this gateway, by id; idle ones go.</summary>
public sealed class LegacySessions(LegacyOptions options, SessionEnds ends, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_sweep = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, LegacySession> _sessions = new(StringComparer.Ordinal);

    /// <summary>Adds a session; when there are too many, the one idle for longest goes.</summary>
    public void Add(LegacySession session)
    {
        if (_sessions.Count >= options.MaximumSessions && _sessions.Values.MinBy(s => s.LastUsed) is { } oldest)
        {
            Remove(oldest);
        }

        _sessions[session.Id] = session;
    }

    /// <summary>The session of an id, if it is the caller's, or null.</summary>
    public LegacySession? Find(string id, Caller caller)
    {
        if (!_sessions.TryGetValue(id, out var session) || session.Caller.Tenant != caller.Tenant || session.Caller.Subject != caller.Subject)
        {
            return null;
        }

        session.LastUsed = time.GetTimestamp();
        return session;
    }

    /// <summary>Ends a session, and what it has in sandboxes.</summary>
    public void Remove(LegacySession session)
    {
        if (_sessions.TryRemove(session.Id, out _))
        {
            session.Dispose();
            if (session.KeepsState)
            {
                ends.Tell(new SessionEnd(session.Caller.Tenant, session.Id));
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_sweep, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var session in _sessions.Values.Where(s => time.GetElapsedTime(s.LastUsed) > options.SessionIdle && !s.Running.Any()))
                {
                    Remove(session);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends, and the sessions with it.
        }
    }
}
