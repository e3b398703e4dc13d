using System.Text;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Queue;

/// <summary>One invocation, taken. Must be settled exactly once.</summary>
public sealed class Delivery
{
    private static readonly byte[] _ack = "+ACK"u8.ToArray();
    private readonly DeliverySettling _settling;
    private readonly InvocationTaker _taker;
    private int _settled;

    internal Delivery(DeliverySettling settling, InvocationTaker taker, string replyTo, Invocation invocation, int attempt)
    {
        _settling = settling;
        _taker = taker;
        ReplyTo = replyTo;
        Invocation = invocation;
        Attempt = attempt;
    }

    /// <summary>What to run, with its arguments fetched where they travelled by reference.</summary>
    public Invocation Invocation { get; }

    /// <summary>1 for the first delivery.</summary>
    public int Attempt { get; }

    internal string ReplyTo { get; }

    /// <summary>Done: never delivered again. Does not wait for the server: should the acknowledgement be lost, the next attempt finds the terminal event.</summary>
    public ValueTask AckAsync(CancellationToken cancellationToken) => SettleAsync(_ack, NatsFlush.Later, cancellationToken);

    /// <summary>Not done: delivered again after <paramref name="delay"/>.</summary>
    public ValueTask NakAsync(TimeSpan delay, CancellationToken cancellationToken) =>
        SettleAsync(Encoding.UTF8.GetBytes($$"""-NAK {"delay": {{Math.Max(0, delay.Ticks) * 100}}}"""), NatsFlush.Soon, cancellationToken);

    /// <summary>
    /// Neither: the server is told nothing, and in-progress is no longer said for it. Only for a call whose events another writer has taken
    /// over, or which this runtime runs already by an earlier delivery, whose settling counts for all.
    /// </summary>
    public void Abandon()
    {
        if (Interlocked.Exchange(ref _settled, 1) == 0)
        {
            _settling.Forget(ReplyTo);
            _taker.OnSettled(ReplyTo);
        }
    }

    private ValueTask SettleAsync(byte[] word, NatsFlush flush, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _settled, 1) != 0)
        {
            throw new InvalidOperationException($"invocation {Invocation.Id}: the delivery is settled already");
        }

        var sent = _settling.SettleAsync(ReplyTo, word, flush, cancellationToken);
        _taker.OnSettled(ReplyTo);
        return sent;
    }
}
