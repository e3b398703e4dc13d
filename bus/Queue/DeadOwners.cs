using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Queue;

/// <summary>
/// Calls that wait for a runtime which owned their session and is gone: whoever wins the compare-and-set on the session's entry re-publishes
/// them to itself. The message id is the call's with the new owner and epoch, the same that the old owner sends it on under should it wake up
/// again, so both together store it once; the old message is removed after.
/// </summary>
public sealed partial class DeadOwners
{
    internal static readonly NatsHeaders Taken = default(NatsHeaders).With(TakenHeader, "1");
    private const string TakenHeader = "Toolrt-Taken";
    private readonly NatsJSContext _js;
    private readonly SessionOwners _owners;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private HashSet<string> _suspects = new(StringComparer.Ordinal);

    internal DeadOwners(NatsJSContext js, SessionOwners owners, ILogger logger, TimeProvider time)
    {
        _js = js;
        _owners = owners;
        _logger = logger;
        _time = time;
    }

    /// <summary>
    /// Moves what is pending for owners that are gone to <paramref name="runtime"/>, as far as it serves the pool; how many calls. The second look
    /// moves what the first found: an owner that has just been given a call of a session which it had let go takes that again at once.
    /// For one caller at a time.
    /// </summary>
    /// <param name="runtime">Who asks.</param>
    /// <param name="pools">Pools that it serves.</param>
    /// <param name="adopt">Takes a session for it, by compare-and-set; null when another has it.</param>
    /// <param name="cancellationToken">Ends it between two calls.</param>
    public async ValueTask<int> AdoptAsync(string runtime, IReadOnlyCollection<string> pools, SessionAdopter adopt, CancellationToken cancellationToken)
    {
        var moved = 0;
        var suspects = new HashSet<string>(StringComparer.Ordinal);
        foreach (var subject in await _js.SubjectsAsync(InvocationQueue.Stream, "inv.own.>", cancellationToken))
        {
            var parts = subject.Split('.');
            if (parts.Length == 6 && parts[2] != runtime && pools.Contains(parts[3]) && await LastOfDeadAsync(subject, parts[2], cancellationToken) is { } last)
            {
                suspects.Add(subject);
                moved += _suspects.Contains(subject) ? await MoveAsync(subject, last, (runtime, adopt), cancellationToken) : 0;
            }
        }

        _suspects = suspects;
        return moved;
    }

    /// <summary>Whether a message says that an earlier owner had begun its call.</summary>
    internal static bool IsTaken(NatsHeaders headers) => headers.TryFind("Toolrt-Taken"u8, out _);

    /// <summary>The last sequence of a subject whose runtime is gone; null where it lives. All sessions of one expire together, so one tells for all.</summary>
    private async ValueTask<ulong?> LastOfDeadAsync(string subject, string dead, CancellationToken cancellationToken)
    {
        if (await _js.GetLastAsync(InvocationQueue.Stream, subject, cancellationToken) is not { } message || !TryRead(message, out var invocation))
        {
            return null;
        }

        message.Headers.TryGetNumber("Nats-Sequence"u8, out var sequence);
        return (await OwnerOfAsync(invocation, cancellationToken))?.Runtime == dead ? null : sequence;
    }

    private async ValueTask<int> MoveAsync(string subject, ulong last, (string Runtime, SessionAdopter Adopt) successor, CancellationToken cancellationToken)
    {
        var moved = 0;
        for (ulong at = 1; at <= last; at++)
        {
            if (await _js.GetDirectAsync(InvocationQueue.Stream, new StreamMsgGetRequest { Seq = at, NextBySubj = subject }, cancellationToken) is not { } message)
            {
                break;
            }

            message.Headers.TryGetNumber("Nats-Sequence"u8, out at);
            if (TryRead(message, out var invocation)
                && (await OwnerOfAsync(invocation, cancellationToken) is not { } present || present.Runtime == successor.Runtime)
                && await successor.Adopt(invocation.Caller.Tenant, invocation.Session, cancellationToken) is { } owner)
            {
                await MoveAsync((invocation, message, at), subject.Split('.')[2], owner, cancellationToken);
                moved++;
            }
        }

        return moved;
    }

    /// <summary>
    /// What the old owner has been given is asked after the session was won: it begins no call without the session, so what it is given later it
    /// sends on.
    /// </summary>
    private async ValueTask MoveAsync((Invocation Invocation, NatsMsg Message, ulong Sequence) call, string dead, SessionOwner owner, CancellationToken cancellationToken)
    {
        var isTaken = IsTaken(call.Message.Headers) || call.Sequence <= await GivenAsync(dead, cancellationToken);
        await _js.PublishUntilStoredAsync(
            InvocationQueue.SubjectOf(call.Invocation, owner.Runtime),
            call.Message.Data,
            new NatsJSPubOpts { MsgId = InvocationQueue.MessageIdOf(call.Invocation, owner) },
            isTaken ? Taken : default,
            _time,
            cancellationToken);
        try
        {
            await _js.DeleteMessageAsync(InvocationQueue.Stream, call.Sequence, cancellationToken);
        }
        catch (NatsJSApiException)
        {
            // Gone already: acknowledged by the old owner, or removed by another who moved it.
        }

        Moved(call.Invocation.Id, dead, owner.Runtime);
    }

    /// <summary>The last sequence that a runtime was given of its own calls; all, where nobody knows any more.</summary>
    private async ValueTask<ulong> GivenAsync(string runtime, CancellationToken cancellationToken)
    {
        try
        {
            return (await _js.GetConsumerAsync(InvocationQueue.Stream, InvocationQueue.OwnedConsumerOf(runtime), cancellationToken)).Delivered?.StreamSequence ?? ulong.MaxValue;
        }
        catch (NatsJSApiException)
        {
            return ulong.MaxValue;
        }
    }

    private ValueTask<SessionOwner?> OwnerOfAsync(Invocation invocation, CancellationToken cancellationToken) =>
        _owners.GetAsync(invocation.Caller.Tenant, invocation.Session, cancellationToken);

    private bool TryRead(NatsMsg message, out Invocation invocation)
    {
        try
        {
            invocation = InvocationCodec.Decode(message.Data);
            return true;
        }
        catch (InvalidDataException error)
        {
            Unreadable(message.Subject, error);
            invocation = null!;
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "invocation {Invocation}: its session's runtime {Dead} is gone; {Owner} takes it")]
    private partial void Moved(string invocation, string dead, string owner);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Subject}: an invocation cannot be read")]
    private partial void Unreadable(string subject, Exception error);
}
