using System.Text.Json;

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
    private const int LargestArguments = 64 * 1024;
    private readonly ObjectStore _objects;
    private readonly AuditGathering _apart;
    private readonly AuditGathering _together;

    internal AuditLog(NatsJSContext js, ObjectStore objects, TimeProvider time)
    {
        var writer = new AuditWriter(js, time);
        _objects = objects;
        _apart = new AuditGathering(writer.StoreApartAsync, isBehindOthers: false);
        _together = new AuditGathering(writer.StoreTogetherAsync, isBehindOthers: true);
    }

    /// <summary>
    /// Records how a call began and ended; returns once that is stored, at most 5 ms after the call where the server is well. Batched; bounded: when the buffer is full, it waits.
    /// It has the call's id as message id, so recording twice stores once. Arguments above 64 KiB are kept beside the record, which names them.
    /// </summary>
    public async ValueTask RecordAsync(Invocation invocation, AuditOutcome outcome, CancellationToken cancellationToken) =>
        await _apart.AddAsync(await EntryAsync(invocation, outcome, cancellationToken), cancellationToken);

    /// <summary>
    /// The same for a call that no queue delivers again: recording it twice may store it twice. Where many come, those of a tenant cost the server one message.
    /// </summary>
    public async ValueTask RecordTogetherAsync(Invocation invocation, AuditOutcome outcome, CancellationToken cancellationToken) =>
        await _together.AddAsync(await EntryAsync(invocation, outcome, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _apart.DisposeAsync();
        await _together.DisposeAsync();
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
}
