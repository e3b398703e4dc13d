using System.Security.Cryptography;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Jobs;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Jobs;

namespace ToolRuntime.Gateway.Routing;

/// <summary>
/// Calls of functions with an idempotency key: the first one of a key runs, and each later one joins it or gets its result. The key is claimed
/// before the call is queued; a second caller, who cannot know whether the first came so far, queues the same call again while the queue still
/// knows its id and drops the second.
/// </summary>
public sealed class KeyedCalls(FunctionCalls functions, JobDesk jobs, TimeProvider time, MessageBus? bus = null)
{
    private const int LongestKey = 255;

    /// <summary>What stands behind a tool's name in the keys of its jobs: they are apart from those of calls that somebody waits for.</summary>
    private const string OfJobs = "?async";

    /// <summary>Below the queue's window of two minutes, within which it takes an id once.</summary>
    private static readonly TimeSpan s_queuedAgain = TimeSpan.FromSeconds(100);

    /// <summary>Starts or joins the call that a key stands for.</summary>
    /// <exception cref="FunctionFaultException">IdempotencyMismatch: the key stands for a call with other arguments. InvalidArguments: it is no key.</exception>
    public async ValueTask<ICall> StartAsync(string key, Invocation invocation, ToolRoute route, string? owner, CancellationToken cancellationToken)
    {
        var (standing, isFirst) = await ClaimAsync(key, invocation.Tool, invocation, owner, cancellationToken);
        invocation = Standing(invocation, standing) with { Options = invocation.Options | InvocationOptions.Keep };
        if (isFirst)
        {
            return await functions.EnqueueAsync(invocation, route, owner, cancellationToken);
        }

        if (time.GetUtcNow() - standing.AcceptedAt < s_queuedAgain)
        {
            await bus!.Queue.EnqueueAsync(invocation, standing.Owner, cancellationToken);
        }

        return await functions.RejoinAsync(invocation, route, 0, cancellationToken);
    }

    /// <summary>Starts the job that a key stands for, or finds it. Who asks again cannot know how far the first time came: what is missing of the job is made up for, and its topic lets it run once.</summary>
    /// <exception cref="FunctionFaultException">As above.</exception>
    public async ValueTask<JobRecord> StartJobAsync(string key, Invocation invocation, string? owner, TimeSpan delay, CancellationToken cancellationToken)
    {
        var (standing, isFirst) = await ClaimAsync(key, invocation.Tool + OfJobs, invocation, owner, cancellationToken);
        invocation = Standing(invocation, standing);
        return isFirst
            ? await jobs.StartAsync(invocation, owner, delay, cancellationToken)
            : await jobs.StartAgainAsync(invocation, standing.Owner, delay, cancellationToken);
    }

    private static Invocation Standing(Invocation invocation, CallClaim standing) => invocation with
    {
        Id = standing.Invocation,
        Session = standing.Session,
        SessionIsExplicit = standing.SessionIsExplicit,
        AcceptedAt = standing.AcceptedAt,
        Deadline = standing.Deadline,
    };

    private async ValueTask<(CallClaim Standing, bool IsFirst)> ClaimAsync(string key, string place, Invocation invocation, string? owner, CancellationToken cancellationToken)
    {
        if (key.Length is 0 or > LongestKey || key.Any(c => c is < ' ' or > '~'))
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"the idempotency key has {key.Length} characters", $"1 to {LongestKey} visible characters of ASCII");
        }

        if (bus is null)
        {
            throw new FunctionFaultException(FaultCode.BusUnavailable, "this server runs no functions: it was started without a message server", "start an instance: toolrt up");
        }

        var digest = Convert.ToHexStringLower(SHA256.HashData(invocation.Arguments.Span));
        var claim = new CallClaim(invocation.Id, invocation.Session, invocation.SessionIsExplicit, owner, digest, invocation.AcceptedAt, invocation.Deadline);
        var standing = await bus.CallKeys.ClaimAsync(invocation.Caller.Tenant, place, key, claim, cancellationToken);
        return standing.Digest == digest
            ? (standing, standing.Invocation == claim.Invocation)
            : throw new FunctionFaultException(FaultCode.IdempotencyMismatch, $"the idempotency key stands for a call of '{invocation.Tool}' with other arguments", "use a new key for another call");
    }
}
