using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ToolRuntime.Bus.Nats.JetStream;

/// <summary>Reads what is stored of a subject by an ephemeral consumer, in order; for rare, long reads where a chain of direct gets would be slow.</summary>
internal sealed class NatsJSOrderedReader(NatsJSContext js, string stream, string subject, TimeProvider time)
{
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(5);

    /// <summary>Whether the messages come without their data.</summary>
    public bool HeadersOnly { get; init; }

    /// <summary>Messages from a sequence on that stand when this is called.</summary>
    /// <exception cref="NatsTimeoutException">The server fell silent in between; read again.</exception>
    public async IAsyncEnumerable<(NatsMsg Message, ulong Sequence)> ReadStoredAsync(ulong from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var inbox = NatsConnection.NewInbox();
        // Unbounded by type, bounded by flow control: the server waits for our answer well below the memory that matters.
        var messages = Channel.CreateUnbounded<NatsMsg>(new UnboundedChannelOptions { SingleReader = true });
        using var sub = js.Connection.Subscribe(inbox, null, message => messages.Writer.TryWrite(message));
        var config = new ConsumerConfig
        {
            DeliverPolicy = "by_start_sequence",
            OptStartSeq = from,
            AckPolicy = "none",
            MaxDeliver = 1,
            HeadersOnly = HeadersOnly ? true : null,
            FilterSubject = subject,
            DeliverSubject = inbox,
            IdleHeartbeat = TimeSpan.FromSeconds(1).Ticks * 100,
            FlowControl = true,
            MemStorage = true,
            NumReplicas = 1,
            InactiveThreshold = TimeSpan.FromSeconds(30).Ticks * 100,
        };
        var pending = (ulong)(await js.CreateOrUpdateConsumerAsync(stream, config, cancellationToken)).NumPending;
        while (pending > 0)
        {
            var message = await NextAsync(messages.Reader, cancellationToken);
            if (message.Headers.Code != 0)
            {
                await AnswerAsync(message, cancellationToken);
                continue;
            }

            var place = NatsJSPlace.Parse(message.ReplyTo);
            yield return (message, place.StreamSequence);
            pending = Math.Min(pending - 1, place.Pending);
        }
    }

    private async ValueTask<NatsMsg> NextAsync(ChannelReader<NatsMsg> messages, CancellationToken cancellationToken)
    {
        if (messages.TryRead(out var ready))
        {
            return ready;
        }

        using var silence = new CancellationTokenSource(_silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            return await messages.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new NatsTimeoutException($"reading {subject}");
        }
    }

    private async ValueTask AnswerAsync(NatsMsg status, CancellationToken cancellationToken)
    {
        if ((status.ReplyTo ?? status.Headers["Nats-Consumer-Stalled"u8]) is { } answer)
        {
            await js.Connection.PublishAsync(answer, default, default, null, NatsFlush.Now, cancellationToken);
        }
    }
}
