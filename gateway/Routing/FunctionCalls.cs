using ToolRuntime.Bus;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Routing;

/// <summary>Step 3 of the way of a call for functions: the topic is followed from its present end, then the invocation is enqueued.</summary>
public sealed class FunctionCalls(CallOptions options, TimeProvider time, MessageBus? bus = null)
{
    private MessageBus Bus => bus ?? throw new FunctionFaultException(FaultCode.BusUnavailable, "this server runs no functions: it was started without a message server", "start an instance: toolrt up");

    /// <summary>Puts an invocation that is already decided into the queue, or where <paramref name="owner"/> names one into that of a session's owner, and follows it.</summary>
    public async ValueTask<ICall> EnqueueAsync(Invocation invocation, ToolRoute route, string? owner, CancellationToken cancellationToken)
    {
        var follower = Bus.Topics.Follow(TopicKey.Of(invocation));
        try
        {
            await Bus.Queue.EnqueueAsync(invocation, owner, cancellationToken);
        }
        catch (Exception error)
        {
            await follower.DisposeAsync();
            throw error is OperationCanceledException && !cancellationToken.IsCancellationRequested
                ? new FunctionFaultException(new FunctionFault(FaultCode.BusUnavailable, "the queue did not take the call in time"), error)
                : error;
        }

        return new QueuedCall(Bus, follower, (invocation, route), Remaining(invocation), time);
    }

    /// <summary>Joins a call that runs already, from after <paramref name="sequence"/>.</summary>
    public async ValueTask<ICall> RejoinAsync(Invocation invocation, ToolRoute route, ulong sequence, CancellationToken cancellationToken)
    {
        var follower = await Bus.Topics.FollowFromAsync(TopicKey.Of(invocation), sequence, cancellationToken);
        return new QueuedCall(Bus, follower, (invocation, route), Remaining(invocation), time);
    }

    /// <summary>A call that is known by its ids only, with the class of session under which its events are kept.</summary>
    public async ValueTask<Invocation> LocateAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var lasting = invocation with { SessionIsExplicit = true };
        return await Bus.Topics.LastAsync(TopicKey.Of(lasting), cancellationToken) is null ? invocation with { SessionIsExplicit = false } : lasting;
    }

    private TimeSpan Remaining(Invocation invocation)
    {
        var left = invocation.Deadline - time.GetUtcNow() + options.DeadlineGrace;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
