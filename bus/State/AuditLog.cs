using System.Text.Json;
using System.Threading.Channels;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.State;

/// <summary>
/// The record of every call: stream AUDIT, a line of JSON each, <c>{"accepted":…,"completed":…}</c>. Subjects are <c>audit.{tenant}.{invocation}</c>, one
/// message each; calls that no queue delivers stand together, several lines in one message of the first one's subject.
/// </summary>
public sealed class AuditLog : IAsyncDisposable
{
    internal const string Stream = "AUDIT";
    private const int Bound = 8192;
    private const int LargestBatch = 512;
    private const int LargestArguments = 64 * 1024;
    private readonly NatsJSContext _js;
    private readonly ObjectStore _objects;
    private readonly TimeProvider _time;
    private readonly Channel<AuditEntry> _entries = Channel.CreateBounded<AuditEntry>(new BoundedChannelOptions(Bound) { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly CancellationTokenSource _ending = new();
    private readonly AuditGroups _groups;
    private readonly Task _writing;

    internal AuditLog(NatsJSContext js, ObjectStore objects, TimeProvider time)
    {
        _js = js;
        _objects = objects;
        _time = time;
        _groups = new AuditGroups(js, time);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>
    /// Records how a call began and ended; returns once that is stored, at most 5 ms after the call where the server is well. Batched; bounded: when the buffer is full, it waits.
    /// It has the call's id as message id, so recording twice stores once. Arguments above 64 KiB are kept beside the record, which names them.
    /// </summary>
    public async ValueTask RecordAsync(Invocation invocation, AuditOutcome outcome, CancellationToken cancellationToken)
    {
        var entry = await EntryAsync(invocation, outcome, cancellationToken);
        await _entries.Writer.WriteAsync(entry, cancellationToken);
        await entry.Stored.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// The same for a call that no queue delivers again: recording it twice may store it twice. Where many come, those of a tenant cost the server one message.
    /// </summary>
    public async ValueTask RecordTogetherAsync(Invocation invocation, AuditOutcome outcome, CancellationToken cancellationToken)
    {
        var entry = await EntryAsync(invocation, outcome, cancellationToken);
        await _groups.AddAsync(entry, cancellationToken);
        await entry.Stored.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        _ending.CancelAfter(TimeSpan.FromSeconds(2));
        await _writing;
        await _groups.DisposeAsync();
        _ending.Dispose();
    }

    internal static string SubjectOf(Invocation invocation) => $"audit.{NatsSubject.Token(invocation.Caller.Tenant)}.{NatsSubject.Token(invocation.Id)}";

    internal static StreamConfig StreamOf(long maxBytes, int replicas) => new()
    {
        Name = Stream,
        Subjects = ["audit.>"],
        MaxBytes = maxBytes,
        AllowDirect = true,
        NumReplicas = replicas,
    };

    private async ValueTask<AuditEntry> EntryAsync(Invocation invocation, AuditOutcome outcome, CancellationToken cancellationToken)
    {
        if (invocation is { Arguments.Length: > LargestArguments, ArgumentsReference: null })
        {
            invocation = invocation with { ArgumentsReference = await _objects.PutPayloadAsync(invocation.Caller.Tenant, invocation.Arguments, cancellationToken) };
        }

        return new AuditEntry(SubjectOf(invocation), invocation.Id, PairOf(invocation, outcome));
    }

    private static byte[] PairOf(Invocation i, AuditOutcome outcome) => JsonSerializer.SerializeToUtf8Bytes(
        new AuditPair(
            new AuditAccepted(
                i.AcceptedAt, i.Id, i.Session, i.Caller, i.Function, i.Version, i.Tool, i.Decision, i.TraceParent, i.Parent,
                i.Arguments.Length is > 0 and <= LargestArguments ? i.Arguments.ToArray() : null, i.Arguments.Length, i.ArgumentsReference),
            new AuditCompleted(outcome.At, outcome.Fault, outcome.ResultBytes)),
        AuditJson.Default.AuditPair);

    /// <summary>One batch in flight: while it is being stored, the next one gathers. No timer: a lone call waits for nobody.</summary>
    private async Task WriteAsync()
    {
        var batch = new List<AuditEntry>(LargestBatch);
        while (await _entries.Reader.WaitToReadAsync(CancellationToken.None))
        {
            batch.Clear();
            while (batch.Count < LargestBatch && _entries.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
            }

            await StoreAsync(batch);
        }
    }

    /// <summary>One piece on the wire, with an acknowledgement for each: of messages that one connection brings in order the stream may still refuse any, and a new leader lacks those on their way.</summary>
    private Task StoreAsync(List<AuditEntry> batch)
    {
        var storing = new Task[batch.Count];
        for (var i = 0; i < storing.Length; i++)
        {
            storing[i] = StoreAsync(batch[i], i == storing.Length - 1 ? NatsFlush.Now : NatsFlush.Later);
        }

        return Task.WhenAll(storing);
    }

    private async Task StoreAsync(AuditEntry entry, NatsFlush flush)
    {
        try
        {
            var options = new NatsJSPubOpts { MsgId = entry.Invocation, Flush = flush, AnswersInline = true };
            await _js.PublishUntilStoredAsync(entry.Subject, entry.Json, options, default, _time, _ending.Token);
            entry.Stored.TrySetResult();
        }
        catch (Exception error)
        {
            // The rim of one record: the call that waits for it learns of the failure.
            entry.Stored.TrySetException(error);
        }
    }
}
