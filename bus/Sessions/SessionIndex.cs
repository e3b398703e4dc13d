using System.Text.Json;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Sessions;

/// <summary>
/// The calls of a session: one subject <c>lt.{class}.{partition}.{tenant}.{session}.index</c> with their starts and ends. Nobody waits for an
/// entry to be stored, so that a call costs no round trip for it; one that was lost with a connection is made good by the reader, which asks
/// the call's own subject. A call without a session of its own has no entry: its own subject says all that there is.
/// </summary>
public sealed class SessionIndex
{
    private const int Page = 64;
    private readonly EventStore _store;
    private readonly int _partitions;
    private readonly TimeProvider _time;

    internal SessionIndex(EventStore store, int partitions, TimeProvider time)
    {
        _store = store;
        _partitions = partitions;
        _time = time;
    }

    /// <summary>Notes that code of the call has begun; never blocks.</summary>
    public void Started(Invocation invocation)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        Write(invocation, new IndexEntry(invocation.Id, invocation.Tool, _time.GetUtcNow(), IsEnd: false, Fault: null));
    }

    /// <summary>Notes that the call has ended, after its terminal event was stored; never blocks.</summary>
    public void Ended(Invocation invocation, FaultCode? fault)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        Write(invocation, new IndexEntry(invocation.Id, invocation.Tool, _time.GetUtcNow(), IsEnd: true, fault));
    }

    /// <summary>The calls of a session that lives beyond a call, in the order in which they began, as long as events are kept (24 h).</summary>
    public async ValueTask<IReadOnlyList<SessionCall>> ListAsync(string tenant, string session, CancellationToken cancellationToken)
    {
        var (stream, subject) = TopicPlace.IndexOf(tenant, session, _partitions);
        var calls = new Dictionary<string, SessionCall>(StringComparer.Ordinal);
        var reader = new NatsJSOrderedReader(_store.JetStream, stream, subject, _time);
        await foreach (var (message, _) in reader.ReadStoredAsync(1, cancellationToken))
        {
            if (Read(message) is { } entry)
            {
                calls[entry.Invocation] = SessionCall.After(calls.GetValueOrDefault(entry.Invocation), entry);
            }
        }

        foreach (var call in calls.Values.Where(c => c.State == SessionCallState.Running).ToList())
        {
            calls[call.Invocation] = await AskAsync(new TopicKey(tenant, session, call.Invocation, SessionIsExplicit: true), call, cancellationToken);
        }

        return [.. calls.Values.OrderBy(c => c.StartedAt)];
    }

    /// <summary>Sessions of a tenant that live beyond a call, or have jobs, with when they last began or ended a call; the latest first.</summary>
    public async ValueTask<IReadOnlyList<(string Session, DateTimeOffset At)>> SessionsAsync(string tenant, int limit, CancellationToken cancellationToken)
    {
        var found = new List<(string Session, DateTimeOffset At)>();
        for (var partition = 0; partition < _partitions; partition++)
        {
            var stream = TopicPlace.StreamName(TopicClass.Day.Name, partition);
            var subjects = await _store.JetStream.SubjectsAsync(stream, $"lt.{TopicClass.Day.Name}.{partition}.{NatsSubject.Token(tenant)}.*.index", cancellationToken);
            foreach (var page in subjects.Chunk(Page))
            {
                found.AddRange(await Task.WhenAll(page.Select(subject => LastOfAsync(stream, subject, cancellationToken))));
            }
        }

        return [.. found.OrderByDescending(s => s.At).Take(limit)];
    }

    private async Task<(string Session, DateTimeOffset At)> LastOfAsync(string stream, string subject, CancellationToken cancellationToken)
    {
        var last = await _store.JetStream.GetLastAsync(stream, subject, cancellationToken);
        return (subject.Split('.')[4], last is { } message && Read(message) is { } entry ? entry.At : DateTimeOffset.UnixEpoch);
    }

    /// <summary>What the call's own last event says, where the index has no end of it.</summary>
    private async ValueTask<SessionCall> AskAsync(TopicKey key, SessionCall call, CancellationToken cancellationToken)
    {
        var place = TopicPlace.Of(key, _partitions);
        if (await _store.LastAsync(place, cancellationToken) is not { } message)
        {
            return call;
        }

        var last = (await _store.EventOfAsync(place, message, cancellationToken)).Event;
        return last.Kind switch
        {
            EventKind.Completed => call with { State = SessionCallState.Completed },
            EventKind.Failed => call with { State = SessionCallState.Failed, Fault = JsonSerializer.Deserialize(last.Data.Span, FunctionsJson.Default.FunctionFault)?.Code },
            _ => call,
        };
    }

    private void Write(Invocation invocation, IndexEntry entry)
    {
        if (!TopicKey.Of(invocation).SessionIsExplicit)
        {
            return;
        }

        var subject = TopicPlace.IndexOf(invocation.Caller.Tenant, invocation.Session, _partitions).Subject;
        var json = JsonSerializer.SerializeToUtf8Bytes(entry, IndexJson.Default.IndexEntry);
        var sending = _store.JetStream.Connection.PublishAsync(subject, json, default, null, NatsFlush.Soon, CancellationToken.None);
        if (!sending.IsCompletedSuccessfully)
        {
            // The send queue is full or the connection away: bounded there, and the reader does without.
            _ = sending.AsTask().ContinueWith(static sent => _ = sent.Exception, TaskScheduler.Default);
        }
    }

    private static IndexEntry? Read(NatsMsg message)
    {
        try
        {
            return JsonSerializer.Deserialize(message.Data.Span, IndexJson.Default.IndexEntry);
        }
        catch (JsonException)
        {
            // Not ours, or cut short: the index goes on without it.
            return null;
        }
    }
}
