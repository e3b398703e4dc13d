using System.Collections.Concurrent;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Federation;

/// <summary>Clients that listen to what their MCP servers say beside answers.</summary>
public sealed class ServerAudiences
{
    private readonly ConcurrentDictionary<Audience, bool> _audiences = new();

    /// <summary>Calls <paramref name="heard"/> for each note of a server of this caller and session until disposed. It must not block.</summary>
    /// <param name="caller">Who listens.</param>
    /// <param name="session">The session that the caller named, or null.</param>
    /// <param name="heard">Takes a note.</param>
    public IDisposable Subscribe(Caller caller, string? session, Action<ServerNote> heard)
    {
        var audience = new Audience(this, caller, session, heard);
        _audiences[audience] = true;
        return audience;
    }

    /// <summary>Whether anybody listens to a server.</summary>
    public bool Has(ServerAddress server) => _audiences.Keys.Any(a => server.IsOf(a.Caller, a.Session));

    /// <summary>Tells those who listen to a server.</summary>
    public void Announce(ServerAddress server, ServerNote note)
    {
        foreach (var audience in _audiences.Keys)
        {
            if (server.IsOf(audience.Caller, audience.Session))
            {
                audience.Heard(note);
            }
        }
    }

    private sealed class Audience(ServerAudiences owner, Caller caller, string? session, Action<ServerNote> heard) : IDisposable
    {
        public Caller Caller => caller;

        public string? Session => session;

        public Action<ServerNote> Heard => heard;

        public void Dispose() => owner._audiences.TryRemove(this, out _);
    }
}
