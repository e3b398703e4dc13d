using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Sessions;

/// <summary>The one writer of a call's events, fenced by expected sequence. Thread-safe; events keep the order of the calls to <see cref="EmitAsync"/>.</summary>
public sealed class TopicWriter
{
    /// <summary>
    /// The header by which a writer knows its own message again. Not the server's message id, which costs it memory for each: what is expected of the
    /// subject already lets a message be stored once.
    /// </summary>
    internal const string IdHeader = "Toolrt-Id";

    private const int LargestInMessage = 512 * 1024;
    private static readonly string s_process = Ids.New();
    private static long s_writers;
    private readonly EventStore _store;
    private readonly TopicPlace _place;
    private readonly TimeProvider _time;
    private readonly string _idPrefix;
    private readonly List<ulong> _earlier = new(EventChain.Length + 1);
    private readonly Lock _gate = new();
    private Task _previous = Task.CompletedTask;
    private ulong _expected;
    private long _emitted;
    private bool _isUncertain;

    internal TopicWriter(EventStore store, TopicPlace place, int attempt, NatsMsg? lastMessage, TopicEvent? last, TimeProvider time)
    {
        _store = store;
        _place = place;
        _time = time;
        _idPrefix = $"{s_process}:{Interlocked.Increment(ref s_writers)}:{attempt}:";
        Last = last;
        if (lastMessage is { } message)
        {
            Adopt(message);
        }
    }

    /// <summary>The last stored event found when the writer was opened on a later attempt, or null.</summary>
    public TopicEvent? Last { get; }

    /// <summary>
    /// Stores <paramref name="value"/> and returns its sequence once stored. Data above 512 KiB goes to the object store and the event holds a reference.
    /// The caller goes on on the connection's reading thread, and must not block there. Goes on trying while the server is away, until the token ends.
    /// </summary>
    /// <exception cref="FencedException">Another writer has written: this one must stop.</exception>
    public async ValueTask<ulong> EmitAsync(InvocationEvent value, CancellationToken cancellationToken)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task previous;
        lock (_gate)
        {
            (previous, _previous) = (_previous, mine.Task);
        }

        try
        {
            await previous;
            return await StoreAsync(value, cancellationToken);
        }
        finally
        {
            mine.SetResult();
        }
    }

    private async ValueTask<ulong> StoreAsync(InvocationEvent value, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var stored = value.Data.Length <= LargestInMessage
            ? EventCodec.Encode(value)
            : EventCodec.EncodeReference(value.Kind, await _store.Objects.PutPayloadAsync(_place.Tenant, value.Data, cancellationToken));
        var messageId = $"{_idPrefix}{++_emitted}";
        while (true)
        {
            try
            {
                return await PublishAsync(stored, messageId, cancellationToken);
            }
            catch (NatsJSApiException error) when (error.Error.ErrCode == ApiErrorCode.WrongLastSequence)
            {
                if (await LastAsync(cancellationToken) is { Id: var id, Message: var last } && id == messageId)
                {
                    // It was stored, and the acknowledgement was lost.
                    Adopt(last);
                    return _expected;
                }

                if (!await TryFindPlaceAsync(error.Error, cancellationToken))
                {
                    throw new FencedException($"invocation {_place.Invocation}: another writer has taken over after sequence {_expected}", error);
                }
            }
        }
    }

    private async ValueTask<ulong> PublishAsync(byte[] stored, string messageId, CancellationToken cancellationToken)
    {
        var headers = default(NatsHeaders).With(IdHeader, messageId);
        headers = EventChain.Format(_earlier) is { } chain ? headers.With(EventChain.Header, chain) : headers;
        var options = new NatsJSPubOpts { ExpectedLastSubjectSequence = _expected, AnswersInline = true };
        try
        {
            var sequence = (await _store.JetStream.PublishUntilStoredAsync(_place.Subject, stored, options, headers, _time, cancellationToken)).Seq;
            Advance(sequence);
            return sequence;
        }
        catch (OperationCanceledException)
        {
            _isUncertain = true;
            throw;
        }
    }

    /// <summary>Whether a refusal has a harmless reason, and the expectation is right again.</summary>
    private async ValueTask<bool> TryFindPlaceAsync(ApiError refusal, CancellationToken cancellationToken)
    {
        // Zero: all that this call has stored is past its time, which is no other writer; the chain begins anew.
        if (_expected > 0 && refusal.Description.EndsWith(": 0", StringComparison.Ordinal))
        {
            _expected = 0;
            _earlier.Clear();
            return true;
        }

        // A publish whose wait was cut short may have been stored all the same.
        if (_isUncertain && await LastAsync(cancellationToken) is { Id: var id, Message: var last } && id.StartsWith(_idPrefix, StringComparison.Ordinal))
        {
            Adopt(last);
            return true;
        }

        return false;
    }

    private async ValueTask<(string Id, NatsMsg Message)?> LastAsync(CancellationToken cancellationToken) =>
        await _store.LastAnsweredAsync(_place, cancellationToken) is { } last ? (last.Headers["Toolrt-Id"u8] ?? "", last) : null;

    private void Adopt(NatsMsg last)
    {
        _isUncertain = false;
        last.Headers.TryGetNumber("Nats-Sequence"u8, out _expected);
        _earlier.Clear();
        _earlier.AddRange(EventChain.Earlier(last.Headers).Take(EventChain.Length - 1).Reverse());
        _earlier.Add(_expected);
    }

    private void Advance(ulong sequence)
    {
        _isUncertain = false;
        _expected = sequence;
        _earlier.Add(sequence);
        if (_earlier.Count > EventChain.Length)
        {
            _earlier.RemoveAt(0);
        }
    }
}
