using ToolRuntime.Bus;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Jobs;

namespace ToolRuntime.Gateway.Sessions;

/// <summary>Sessions of a tenant: which there are, what they did, and their end on purpose.</summary>
public sealed class SessionDesk(JobDesk jobs, MessageBus? bus = null)
{
    private MessageBus Bus => bus ?? throw new FunctionFaultException(FaultCode.BusUnavailable, "this server has no sessions: it was started without a message server", "start an instance: toolrt up");

    /// <summary>A tenant's sessions that live beyond a call or have jobs, the latest first.</summary>
    public ValueTask<IReadOnlyList<(string Session, DateTimeOffset At)>> ListAsync(string tenant, int limit, CancellationToken cancellationToken) =>
        Bus.Index.SessionsAsync(tenant, limit, cancellationToken);

    /// <summary>The calls of a session in the order in which they began, as long as events are kept; empty where there is none.</summary>
    public async ValueTask<IReadOnlyList<SessionCall>> CallsAsync(string tenant, string session, CancellationToken cancellationToken)
    {
        var calls = (await Bus.Index.ListAsync(tenant, session, cancellationToken)).ToDictionary(c => c.Invocation, StringComparer.Ordinal);
        foreach (var key in await Bus.Topics.CallsAsync(tenant, session, cancellationToken))
        {
            if (!calls.ContainsKey(key.Invocation) && await Bus.Topics.LastWithTimeAsync(key, cancellationToken) is { } last)
            {
                calls[key.Invocation] = Unnamed(key, last.Event.Event, last.At);
            }
        }

        return [.. calls.Values.OrderBy(c => c.StartedAt)];
    }

    /// <summary>The runtime that has the session's sandboxes, or null.</summary>
    public async ValueTask<string?> OwnerAsync(string tenant, string session, CancellationToken cancellationToken) =>
        (await Bus.Owners.GetAsync(tenant, session, cancellationToken))?.Runtime;

    /// <summary>Follows all calls of a session.</summary>
    public ValueTask<SessionFollower> FollowAsync(string tenant, string session, ulong after, CancellationToken cancellationToken) =>
        Bus.Topics.FollowSessionAsync(tenant, session, after, cancellationToken);

    /// <summary>Ends all calls of a session that have been accepted until now, waiting and delayed ones too.</summary>
    public async ValueTask StopAsync(string tenant, string session, CancellationToken cancellationToken)
    {
        await Bus.Control.StopSessionAsync(tenant, session, cancellationToken);
        foreach (var job in await jobs.ListAsync(tenant, JobDesk.MostListed, cancellationToken))
        {
            if (job.Record.Session == session && !job.IsEnded)
            {
                await jobs.CancelAsync(tenant, job.Record.Id, cancellationToken);
            }
        }
    }

    /// <summary>Ends one call on purpose, wherever it is.</summary>
    public async ValueTask CancelAsync(string tenant, string invocation, CancellationToken cancellationToken)
    {
        if (!await jobs.CancelAsync(tenant, invocation, cancellationToken))
        {
            await Bus.Control.SignalAsync(new ControlSignal(tenant, invocation, ControlKind.Cancel, default), cancellationToken);
        }
    }

    /// <summary>A call that the index does not know: of a session that ends with it, or whose entry was lost.</summary>
    private static SessionCall Unnamed(TopicKey key, InvocationEvent last, DateTimeOffset at) => last.Kind switch
    {
        EventKind.Completed => new SessionCall(key.Invocation, "", SessionCallState.Completed, at, at, null),
        EventKind.Failed => new SessionCall(key.Invocation, "", SessionCallState.Failed, at, at, FaultMapping.Read(last).Code),
        _ => new SessionCall(key.Invocation, "", SessionCallState.Running, at, null, null),
    };
}
