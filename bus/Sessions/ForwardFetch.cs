using ToolRuntime.Bus.Nats;

namespace ToolRuntime.Bus.Sessions;

/// <summary>
/// Fetches stored messages by their sequences, forwards, some ahead. Many are asked for in one go: a question that goes out alone costs both sides more than
/// its answer.
/// </summary>
/// <param name="store">Where they are.</param>
/// <param name="place">The topic.</param>
/// <param name="isInline">Whether who reads goes on on the thread that reads the connection, where it must not block.</param>
internal sealed class ForwardFetch(EventStore store, TopicPlace place, bool isInline)
{
    private const int Window = 32;
    private readonly Stack<ulong> _missing = new();
    private readonly Queue<Task<NatsMsg?>> _ahead = new();

    /// <summary>How many have not been asked for.</summary>
    public int Count => _missing.Count;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _missing.Clear();
        _ahead.Clear();
    }

    /// <summary>Puts a sequence before those that are there.</summary>
    public void Push(ulong sequence) => _missing.Push(sequence);

    /// <summary>Puts a message that is known already at the end.</summary>
    public void Add(NatsMsg message) => _ahead.Enqueue(Task.FromResult<NatsMsg?>(message));

    /// <summary>The next one: false when there is none; null when it is no longer kept.</summary>
    public async ValueTask<(bool IsThere, NatsMsg? Message)> NextAsync(CancellationToken cancellationToken)
    {
        if (_ahead.Count <= Window / 2)
        {
            AskAhead(cancellationToken);
        }

        if (_ahead.Count == 0)
        {
            return (false, null);
        }

        var message = await _ahead.Peek();
        _ = _ahead.Dequeue();
        return (true, message);
    }

    private void AskAhead(CancellationToken cancellationToken)
    {
        for (var count = Math.Min(_missing.Count, Window - _ahead.Count); count > 0; count--)
        {
            var opts = new NatsRequestOpts { Flush = count > 1 ? NatsFlush.Later : NatsFlush.Now, AnswersInline = isInline };
            _ahead.Enqueue(store.AtAsync(place, _missing.Pop(), opts, cancellationToken).AsTask());
        }
    }
}
