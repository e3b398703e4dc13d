using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.KeyValue;
using ToolRuntime.Bus.Nats.Objects;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Bus.State;

namespace ToolRuntime.Bus;

/// <summary>Every stream and bucket of the product, made where it is missing.</summary>
internal sealed class BusStreams
{
    private static readonly TimeSpan _payloadAge = TimeSpan.FromHours(25);

    private BusStreams(NatsKVStore catalog, NatsKVStore control, NatsKVStore owners, NatsKVStore runtimes, NatsKVStore sandboxes, NatsKVStore state, NatsKVStore kept, NatsKVStore mailboxes, NatsKVStore callKeys)
    {
        Catalog = catalog;
        Control = control;
        Owners = owners;
        Runtimes = runtimes;
        Sandboxes = sandboxes;
        State = state;
        Kept = kept;
        Mailboxes = mailboxes;
        CallKeys = callKeys;
    }

    /// <summary>Deployed functions.</summary>
    public NatsKVStore Catalog { get; }

    /// <summary>Tombstones of cancelled calls.</summary>
    public NatsKVStore Control { get; }

    /// <summary>Owners of sessions.</summary>
    public NatsKVStore Owners { get; }

    /// <summary>Runtimes that accept pipes.</summary>
    public NatsKVStore Runtimes { get; }

    /// <summary>Sandboxes that callers drive, and snapshots. What has them writes them again before an entry goes by itself, so that what is removed leaves nothing for ever.</summary>
    public NatsKVStore Sandboxes { get; }

    /// <summary>What sessions and tenants remember.</summary>
    public NatsKVStore State { get; }

    /// <summary>What running calls keep for their next attempt.</summary>
    public NatsKVStore Kept { get; }

    /// <summary>What the receivers of mailboxes have agreed on. Twice as old as a message can be: while one waits, its mailbox's entry stands.</summary>
    public NatsKVStore Mailboxes { get; }

    /// <summary>Idempotency keys of calls.</summary>
    public NatsKVStore CallKeys { get; }

    /// <summary>Makes them, all at once.</summary>
    public static async ValueTask<BusStreams> CreateAsync(NatsJSContext js, NatsObjStore packages, NatsObjStore payloads, BusOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var buckets = new NatsKVContext(js, time);
        Task<NatsKVStore> Bucket(string name, TimeSpan maxAge, bool allowsRemoval = false) => buckets.CreateOrUpdateStoreAsync(
            new NatsKVConfig { Bucket = name, MaxBytes = options.StateBytes, MaxAge = maxAge, AllowsRemoval = allowsRemoval, NumberOfReplicas = options.Replicas }, cancellationToken).AsTask();

        var catalog = Bucket("CATALOG", TimeSpan.Zero);
        var control = Bucket("CONTROL", ControlSignals.TombstoneAge);
        var owners = Bucket("OWNERS", TimeSpan.Zero);
        var runtimes = Bucket("RUNTIMES", TimeSpan.FromMinutes(1));
        var sandboxes = Bucket("SANDBOXES", MessageBus.SandboxRecordAge);
        var state = Bucket("STATE", TimeSpan.Zero, allowsRemoval: true);
        var kept = Bucket("KEPT", _payloadAge, allowsRemoval: true);
        var mailboxes = Bucket("MAILBOXES", options.Mailboxes.MaximumAge * 2);
        var callKeys = Bucket("CALLKEYS", ToolRuntime.Bus.State.CallKeys.Age);
        var streams = new List<Task> { catalog, control, owners, runtimes, sandboxes, state, kept, mailboxes, callKeys };
        streams.Add(packages.CreateAsync(options.ObjectBytes, TimeSpan.Zero, options.Replicas, cancellationToken).AsTask());
        streams.Add(payloads.CreateAsync(options.ObjectBytes, _payloadAge, options.Replicas, cancellationToken).AsTask());
        IEnumerable<StreamConfig> configs =
        [
            InvocationQueue.StreamOf(options.QueueBytes, options.Replicas),
            .. SessionTopics.Streams(TopicClass.All, options.Partitions, options.SessionBytes, options.Replicas),
            .. ToolRuntime.Bus.Mailboxes.Mailboxes.Streams(options),
            AuditLog.StreamOf(options.AuditBytes, options.Replicas),
            FunctionLogs.StreamOf(options.LogBytes, options.Replicas),
        ];
        streams.AddRange(configs.Select(c => js.CreateOrUpdateStreamAsync(c, cancellationToken).AsTask()));
        await Task.WhenAll(streams);
        return new BusStreams(await catalog, await control, await owners, await runtimes, await sandboxes, await state, await kept, await mailboxes, await callKeys);
    }
}
