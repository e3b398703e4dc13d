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

    // Each may be as large as a message can be.
    private const int MostKnown = 4;
    private readonly Stack<ulong> _missing = new();
    private readonly Dictionary<ulong, NatsMsg> _known = [];
    private readonly Queue<Task<NatsMsg?>> _ahead = new();

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _missing.Clear();
        _known.Clear();
        _ahead.Clear();
    }

    /// <summary>Puts a sequence before those that are there.</summary>
    public void Push(ulong sequence) => _missing.Push(sequence);

    /// <summary>Spares the question for a message that is here already, as long as there are few.</summary>
    public void Know(ulong sequence, NatsMsg message)
    {
        if (_known.Count < MostKnown)
        {
            _known[sequence] = message;
        }
    }

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
        var sequences = new ulong[Math.Min(_missing.Count, Window - _ahead.Count)];
        for (var i = 0; i < sequences.Length; i++)
        {
            sequences[i] = _missing.Pop();
        }

        // What waits goes out with the last question.
        var last = Array.FindLastIndex(sequences, s => !_known.ContainsKey(s));
        for (var i = 0; i < sequences.Length; i++)
        {
            var opts = new NatsRequestOpts { Flush = i == last ? NatsFlush.Now : NatsFlush.Later, AnswersInline = isInline };
            _ahead.Enqueue(_known.Remove(sequences[i], out var known) ? Task.FromResult<NatsMsg?>(known) : store.AtAsync(place, sequences[i], opts, cancellationToken).AsTask());
        }
    }
}
