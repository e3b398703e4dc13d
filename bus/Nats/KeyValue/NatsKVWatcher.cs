using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Nats.KeyValue;

/// <summary>
/// Follows a bucket with an ordered push consumer: what stands, one marker (null), then changes. When the consumer falls silent, a message is
/// missing, or the connection was lost, a new consumer goes on after the last revision that was given.
/// </summary>
internal sealed class NatsKVWatcher(NatsJSContext js, NatsKVStore store, string filter, TimeProvider time)
{
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(5);
    private ulong _last;
    private bool _isCurrent;

    /// <summary>Whether a server that does not answer ends it, rather than being waited for.</summary>
    public bool GivesUp { get; init; }

    /// <summary>Entries; a null once says that all which stood has been given.</summary>
    public async IAsyncEnumerable<NatsKVEntry?> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            await foreach (var entry in ReadConsumerAsync(cancellationToken))
            {
                yield return entry;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken);
        }
    }

    /// <summary>Entries until this consumer breaks.</summary>
    private async IAsyncEnumerable<NatsKVEntry?> ReadConsumerAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var inbox = NatsConnection.NewInbox();
        // Unbounded by type, bounded by flow control: the server sends at most 32 MiB beyond what was answered, which is answered where it is read.
        var messages = Channel.CreateUnbounded<NatsMsg>(new UnboundedChannelOptions { SingleReader = true });
        using var sub = js.Connection.Subscribe(inbox, null, message => messages.Writer.TryWrite(message));
        void Reconnected() => messages.Writer.TryComplete();
        js.Connection.Reconnected += Reconnected;
        try
        {
            if (await TryCreateAsync(inbox, cancellationToken) is not { } pending)
            {
                yield break;
            }

            if (pending == 0 && TurnsCurrent())
            {
                yield return null;
            }

            ulong consumerSequence = 0;
            while (await NextAsync(messages.Reader, cancellationToken) is { } message)
            {
                if (message.Headers.Code != 0)
                {
                    if (HasMissed(message, consumerSequence))
                    {
                        yield break;
                    }

                    await AnswerStatusAsync(message, cancellationToken);
                    continue;
                }

                var place = NatsJSPlace.Parse(message.ReplyTo);
                if (place.ConsumerSequence != ++consumerSequence)
                {
                    yield break;
                }

                _last = place.StreamSequence;
                yield return store.EntryOf(message, place.StreamSequence);
                if (place.Pending == 0 && TurnsCurrent())
                {
                    yield return null;
                }
            }
        }
        finally
        {
            js.Connection.Reconnected -= Reconnected;
        }
    }

    /// <summary>Whether a heartbeat tells of more messages than came: a lost last one would else be noticed with the next change only.</summary>
    private static bool HasMissed(NatsMsg status, ulong seen) =>
        status.Headers["Nats-Last-Consumer"u8] is { } last && ulong.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var sent) && sent > seen;

    private bool TurnsCurrent()
    {
        var turns = !_isCurrent;
        _isCurrent = true;
        return turns;
    }

    private async ValueTask<long?> TryCreateAsync(string inbox, CancellationToken cancellationToken)
    {
        var config = new ConsumerConfig
        {
            DeliverPolicy = _last == 0 ? "last_per_subject" : "by_start_sequence",
            OptStartSeq = _last == 0 ? null : _last + 1,
            AckPolicy = "none",
            MaxDeliver = 1,
            FilterSubject = store.SubjectOf(filter),
            DeliverSubject = inbox,
            IdleHeartbeat = _heartbeat.Ticks * 100,
            FlowControl = true,
            MemStorage = true,
            NumReplicas = 1,
            InactiveThreshold = TimeSpan.FromSeconds(30).Ticks * 100,
        };
        try
        {
            return (await js.CreateOrUpdateConsumerAsync(store.Stream, config, cancellationToken)).NumPending;
        }
        catch (NatsException) when (!GivesUp)
        {
            return null;
        }
    }

    /// <summary>The next message, or null when none and no heartbeat came in time, or the consumer was given up.</summary>
    private async ValueTask<NatsMsg?> NextAsync(ChannelReader<NatsMsg> messages, CancellationToken cancellationToken)
    {
        if (messages.TryRead(out var ready))
        {
            return ready;
        }

        using var silence = new CancellationTokenSource(_heartbeat * 2.5, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            return await messages.ReadAsync(either.Token);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async ValueTask AnswerStatusAsync(NatsMsg status, CancellationToken cancellationToken)
    {
        var answer = status.ReplyTo ?? status.Headers["Nats-Consumer-Stalled"u8];
        if (answer is not null)
        {
            await js.Connection.PublishAsync(answer, default, default, null, NatsFlush.Now, cancellationToken);
        }
    }
}
