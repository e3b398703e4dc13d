using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Queue;

/// <summary>
/// Calls that stand in the queue and never come again. A server that is killed writes what it removed, and what it gave out, some time after it did so
/// (2.9.10): it comes back with calls that were settled, and with a consumer that holds calls for settled which nobody began. After each reconnect every
/// consumer is looked at once: what it had given out by then and no runtime says to be at work on is put into the queue anew, as taken before. What of it
/// had ended is then found so and removed.
/// </summary>
internal sealed partial class ForgottenDeliveries(NatsJSContext js, TimeSpan ackDeadline, ILogger logger, TimeProvider time)
{
    private readonly Dictionary<TakenConsumer, ForgottenLook> _looks = new(ReferenceEqualityComparer.Instance);
    private int _reconnects;

    /// <summary>Looks until the token ends. Costs two requests for a consumer that has nothing open.</summary>
    /// <param name="consumers">Those at present.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WatchAsync(Func<IEnumerable<TakenConsumer>> consumers, CancellationToken cancellationToken)
    {
        void Reconnected() => Interlocked.Increment(ref _reconnects);
        js.Connection.Reconnected += Reconnected;
        try
        {
            while (true)
            {
                // Who is at work on a call says so several times meanwhile.
                await Task.Delay(ackDeadline, time, cancellationToken);
                var present = consumers().Where(c => !c.Pull.NeedsStart).ToList();
                Leave([.. _looks.Keys.Where(known => !present.Exists(c => ReferenceEquals(c, known)))]);
                foreach (var consumer in present)
                {
                    if (!await TryLookAsync(consumer, cancellationToken))
                    {
                        break;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            js.Connection.Reconnected -= Reconnected;
            Leave([.. _looks.Keys]);
        }
    }

    private void Leave(List<TakenConsumer> gone)
    {
        foreach (var consumer in gone)
        {
            _looks.Remove(consumer, out var look);
            look!.Dispose();
        }
    }

    /// <summary>False where there is no use in looking at others now.</summary>
    private async ValueTask<bool> TryLookAsync(TakenConsumer consumer, CancellationToken cancellationToken)
    {
        var reconnects = Volatile.Read(ref _reconnects);
        _looks.TryGetValue(consumer, out var look);
        try
        {
            if (look is null || look.Reconnects != reconnects)
            {
                look?.Dispose();
                _looks[consumer] = look = new ForgottenLook(js, consumer.Config) { Reconnects = reconnects };
                await look.BeginAsync(cancellationToken);
            }
            else if (!look.IsOver)
            {
                foreach (var sequence in await look.GoOnAsync(cancellationToken))
                {
                    await PutBackAsync(sequence, look.Given, cancellationToken);
                }
            }

            return true;
        }
        catch (NatsException error)
        {
            // The rim of one look: the server is away, or the consumer is; another look begins in the next round.
            NotLooked(logger, consumer.Config.DurableName!, error.Message);
            Leave(_looks.ContainsKey(consumer) ? [consumer] : []);
            return error is NatsJSApiException;
        }
    }

    /// <summary>Once more where the copy, too, has a sequence that the consumer holds for given out: a server may have forgotten its last sequences.</summary>
    private async ValueTask PutBackAsync(ulong sequence, ulong given, CancellationToken cancellationToken)
    {
        while (sequence <= given && await js.GetDirectAsync(InvocationQueue.Stream, new StreamMsgGetRequest { Seq = sequence }, cancellationToken) is { } message)
        {
            // The same id whichever runtime does it: it is stored once.
            var id = $"{message.Headers["Nats-Msg-Id"u8]}@{sequence}";
            var stored = await js.PublishAsync(message.Subject, message.Data, new NatsJSPubOpts { MsgId = id }, DeadOwners.Taken, cancellationToken);
            await js.TryDeleteMessageAsync(InvocationQueue.Stream, sequence, cancellationToken);
            PutBack(logger, id, message.Subject);
            if (stored.Duplicate)
            {
                // Put back before, by another or under another server: that copy is looked at for itself.
                return;
            }

            sequence = stored.Seq;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Call} on {Subject}: the message server has forgotten that it gave it out; it is put into the queue again")]
    private static partial void PutBack(ILogger logger, string call, string subject);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Consumer}: what the message server has forgotten cannot be looked for at present: {Reason}")]
    private static partial void NotLooked(ILogger logger, string consumer, string reason);
}
