using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Queue;

/// <summary>
/// One look at a consumer: what it had given out when the look began and is still in the queue, until each of these calls is settled or put back. Who is at
/// work on one says so to the server, and so to us.
/// </summary>
internal sealed class ForgottenLook(NatsJSContext js, ConsumerConfig consumer) : IDisposable
{
    private const int MostAtOnce = 256;

    /// <summary>
    /// Rounds of silence, of an ack deadline each, after which also that is forgotten of which the consumer says nothing: what the server remembers it has
    /// given out again by then (<see cref="InvocationQueue"/>'s longest wait is six ack deadlines).
    /// </summary>
    private const int MostSilent = 7;

    private readonly HashSet<ulong> _heard = [];
    private Dictionary<ulong, int> _silent = [];
    private NatsSub? _acknowledgements;
    private NatsSub? _acknowledgementsOfDomain;

    /// <summary>How often the connection had been made anew when it began.</summary>
    public required int Reconnects { get; init; }

    /// <summary>The last sequence that had been given out when it began.</summary>
    public ulong Given { get; private set; }

    /// <summary>Whether nothing is left to look at.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Finds what to look at.</summary>
    public async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        Given = (await InfoAsync(cancellationToken)).Delivered?.StreamSequence ?? 0;
        _silent = (await StandingAsync(cancellationToken)).ToDictionary(static s => s, static _ => 0);
        if (_silent.Count == 0)
        {
            IsOver = true;
            return;
        }

        var place = $"{InvocationQueue.Stream}.{consumer.DurableName}.>";
        _acknowledgements = js.Connection.Subscribe($"$JS.ACK.{place}", null, Hear);
        _acknowledgementsOfDomain = js.Connection.Subscribe($"$JS.ACK.*.*.{place}", null, Hear);
    }

    /// <summary>A round later: the sequences of calls that nobody has, and that the server never gives out again.</summary>
    public async ValueTask<IReadOnlyList<ulong>> GoOnAsync(CancellationToken cancellationToken)
    {
        var heard = Heard();
        var info = await InfoAsync(cancellationToken);
        var settled = info.NumAckPending == 0 ? Given : info.AckFloor?.StreamSequence ?? 0;
        var standing = await StandingAsync(cancellationToken);
        _silent = standing.ToDictionary(static s => s, s => !heard.Contains(s) && _silent.TryGetValue(s, out var rounds) ? rounds + 1 : 0);
        var forgotten = _silent.Where(s => s.Value >= (s.Key <= settled ? 1 : MostSilent)).Select(static s => s.Key).ToList();
        if (forgotten.Count == standing.Count && standing.Count < MostAtOnce)
        {
            Dispose();
        }

        return forgotten;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        IsOver = true;
        _acknowledgements?.Dispose();
        _acknowledgementsOfDomain?.Dispose();
    }

    private ValueTask<ConsumerInfo> InfoAsync(CancellationToken cancellationToken) => js.GetConsumerAsync(InvocationQueue.Stream, consumer.DurableName!, cancellationToken);

    /// <summary>Sequences of its calls in the queue, of those that it had given out.</summary>
    private async ValueTask<List<ulong>> StandingAsync(CancellationToken cancellationToken)
    {
        var found = new List<ulong>();
        for (ulong at = 1; at <= Given && found.Count < MostAtOnce; at++)
        {
            if (await js.GetDirectAsync(InvocationQueue.Stream, new StreamMsgGetRequest { Seq = at, NextBySubj = consumer.FilterSubject }, cancellationToken) is not { } message
                || !message.Headers.TryGetNumber("Nats-Sequence"u8, out at) || at > Given)
            {
                break;
            }

            found.Add(at);
        }

        return found;
    }

    private void Hear(NatsMsg message)
    {
        lock (_heard)
        {
            _heard.Add(NatsJSPlace.Parse(message.Subject).StreamSequence);
        }
    }

    private HashSet<ulong> Heard()
    {
        lock (_heard)
        {
            HashSet<ulong> heard = [.. _heard];
            _heard.Clear();
            return heard;
        }
    }
}
