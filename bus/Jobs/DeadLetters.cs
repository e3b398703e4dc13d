using System.Buffers.Binary;
using System.Text.Json;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Jobs;

/// <summary>
/// Calls that were given up: stream DEAD, subjects <c>dead.{tenant}.{invocation}</c>, kept for seven days, the oldest making room. A letter holds the
/// invocation whole, so that it can be repeated; arguments above 512 KiB are kept beside it for a day.
/// </summary>
public sealed class DeadLetters
{
    private const string Stream = "DEAD";
    private const int LargestInMessage = 512 * 1024;
    private const int PrefixLength = 4;
    private static readonly TimeSpan s_age = TimeSpan.FromDays(7);
    private readonly NatsJSContext _js;
    private readonly ObjectStore _objects;
    private readonly TimeProvider _time;

    internal DeadLetters(NatsJSContext js, ObjectStore objects, TimeProvider time)
    {
        _js = js;
        _objects = objects;
        _time = time;
    }

    /// <summary>Keeps a call that was given up; returns once it is stored. Doing it twice stores once.</summary>
    public async ValueTask AddAsync(Invocation invocation, string reason, int attempts, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        if (invocation.Arguments.Length > LargestInMessage)
        {
            var reference = await _objects.PutPayloadAsync(invocation.Caller.Tenant, invocation.Arguments, cancellationToken);
            invocation = invocation with { Arguments = default, ArgumentsReference = reference };
        }

        var options = new NatsJSPubOpts { MsgId = invocation.Id };
        await _js.PublishUntilStoredAsync(SubjectOf(invocation.Caller.Tenant, invocation.Id), Encode(invocation, new DeadLetterHead(reason, attempts, _time.GetUtcNow())), options, default, _time, cancellationToken);
    }

    /// <summary>A tenant's letter, its arguments fetched, or null.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments: its arguments were too large to be kept for so long.</exception>
    public async ValueTask<DeadLetter?> FindAsync(string tenant, string invocation, CancellationToken cancellationToken)
    {
        if (await _js.GetLastAsync(Stream, SubjectOf(tenant, invocation), cancellationToken) is not { } message)
        {
            return null;
        }

        var letter = Decode(message.Data);
        if (letter.Invocation.ArgumentsReference is not { } reference)
        {
            return letter;
        }

        var arguments = await _objects.TryGetPayloadAsync(tenant, reference, cancellationToken)
            ?? throw new FunctionFaultException(FaultCode.InvalidArguments, $"{invocation}: its arguments are above 512 KiB and were kept for a day only", "call the tool again");
        return letter with { Invocation = letter.Invocation with { Arguments = arguments, ArgumentsReference = null } };
    }

    /// <summary>The letters of a tenant, the newest first, at most <paramref name="limit"/>; large arguments are left out.</summary>
    public async ValueTask<IReadOnlyList<DeadLetter>> ListAsync(string tenant, int limit, CancellationToken cancellationToken)
    {
        var letters = new Queue<DeadLetter>();
        var reader = new NatsJSOrderedReader(_js, Stream, $"dead.{NatsSubject.Token(tenant)}.*", _time);
        await foreach (var (message, _) in reader.ReadStoredAsync(1, cancellationToken))
        {
            letters.Enqueue(Decode(message.Data));
            if (letters.Count > limit)
            {
                letters.Dequeue();
            }
        }

        return [.. letters.Reverse()];
    }

    internal static StreamConfig StreamOf(long maxBytes, int replicas) => new()
    {
        Name = Stream,
        Subjects = ["dead.>"],
        MaxBytes = maxBytes,
        MaxAge = s_age.Ticks * 100,
        MaxMsgsPerSubject = 1,
        AllowDirect = true,
        NumReplicas = replicas,
    };

    internal static byte[] Encode(Invocation invocation, DeadLetterHead head)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(head, JobsJson.Default.DeadLetterHead);
        var wire = InvocationCodec.Encode(invocation);
        var stored = new byte[PrefixLength + json.Length + wire.Length];
        BinaryPrimitives.WriteInt32LittleEndian(stored, json.Length);
        json.CopyTo(stored, PrefixLength);
        wire.CopyTo(stored, PrefixLength + json.Length);
        return stored;
    }

    internal static DeadLetter Decode(ReadOnlyMemory<byte> stored)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(stored.Span);
        var head = JsonSerializer.Deserialize(stored.Span.Slice(PrefixLength, length), JobsJson.Default.DeadLetterHead)!;
        return new DeadLetter(InvocationCodec.Decode(stored[(PrefixLength + length)..]), head.Reason, head.Attempts, head.At);
    }

    private static string SubjectOf(string tenant, string invocation) => $"dead.{NatsSubject.Token(tenant)}.{NatsSubject.Token(invocation)}";
}
