using System.Security.Cryptography;

using ToolRuntime.Bus;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Routing;

/// <summary>
/// Calls of functions with an idempotency key: the first one of a key runs, and each later one joins it or gets its result. The key is claimed
/// before the call is queued; a second caller, who cannot know whether the first came so far, queues the same call again while the queue still
/// knows its id and drops the second.
/// </summary>
public sealed class KeyedCalls(FunctionCalls functions, TimeProvider time, MessageBus? bus = null)
{
    private const int LongestKey = 255;

    /// <summary>Below the queue's window of two minutes, within which it takes an id once.</summary>
    private static readonly TimeSpan s_queuedAgain = TimeSpan.FromSeconds(100);

    /// <summary>Starts or joins the call that a key stands for.</summary>
    /// <exception cref="FunctionFaultException">IdempotencyMismatch: the key stands for a call with other arguments. InvalidArguments: it is no key.</exception>
    public async ValueTask<ICall> StartAsync(string key, Invocation invocation, ToolRoute route, string? owner, CancellationToken cancellationToken)
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
        var standing = await bus.CallKeys.ClaimAsync(invocation.Caller.Tenant, invocation.Tool, key, claim, cancellationToken);
        if (standing.Digest != digest)
        {
            throw new FunctionFaultException(FaultCode.IdempotencyMismatch, $"the idempotency key stands for a call of '{invocation.Tool}' with other arguments", "use a new key for another call");
        }

        invocation = invocation with
        {
            Id = standing.Invocation,
            Session = standing.Session,
            SessionIsExplicit = standing.SessionIsExplicit,
            AcceptedAt = standing.AcceptedAt,
            Deadline = standing.Deadline,
            Options = invocation.Options | InvocationOptions.Keep,
        };
        if (standing.Invocation == claim.Invocation)
        {
            return await functions.EnqueueAsync(invocation, route, owner, cancellationToken);
        }

        if (time.GetUtcNow() - standing.AcceptedAt < s_queuedAgain)
        {
            await bus.Queue.EnqueueAsync(invocation, standing.Owner, cancellationToken);
        }

        return await functions.RejoinAsync(invocation, route, 0, cancellationToken);
    }
}
