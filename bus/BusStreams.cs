using ToolRuntime.Bus.Jobs;
using ToolRuntime.Bus.Logs;
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

    private BusStreams(NatsKVStore[] buckets) =>
        (Catalog, Control, Owners, Runtimes, Sandboxes, State, Kept, Mailboxes, CallKeys, Jobs, Delayed) =
        (buckets[0], buckets[1], buckets[2], buckets[3], buckets[4], buckets[5], buckets[6], buckets[7], buckets[8], buckets[9], buckets[10]);

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
    /// <summary>Records of jobs.</summary>
    public NatsKVStore Jobs { get; }

    /// <summary>Calls that wait for their time.</summary>
    public NatsKVStore Delayed { get; }

    /// <summary>Names of all streams.</summary>
    public static IEnumerable<string> Names(int partitions) =>
    [
        InvocationQueue.Stream,
        .. SessionTopics.Streams(TopicClass.All, partitions, 0, 1).Select(s => s.Name),
        .. Enumerable.Range(0, partitions).Select(ToolRuntime.Bus.Mailboxes.MailboxPlace.StreamName),
        AuditLog.Stream, FunctionLogs.StreamOf(0, 1).Name, DeadLetters.StreamOf(0, 1).Name, BusWatchdog.StreamOf(1).Name,
        "KV_CATALOG", "KV_CONTROL", "KV_OWNERS", "KV_RUNTIMES", "KV_SANDBOXES", "KV_JOBS", "KV_DELAYED", "KV_STATE", "KV_KEPT", "KV_MAILBOXES", "KV_CALLKEYS", "OBJ_PACKAGES", "OBJ_PAYLOADS",
    ];

    /// <summary>Makes them, all at once.</summary>
    public static async ValueTask<BusStreams> CreateAsync(NatsJSContext js, NatsObjStore packages, NatsObjStore payloads, BusOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var buckets = new NatsKVContext(js, time);
        Task<NatsKVStore> Bucket(string name, TimeSpan maxAge, bool allowsRemoval = false) => buckets.CreateOrUpdateStoreAsync(
            new NatsKVConfig { Bucket = name, MaxBytes = name == "CATALOG" ? options.CatalogBytes : options.StateBytes, MaxAge = maxAge, AllowsRemoval = allowsRemoval, NumberOfReplicas = options.Replicas }, cancellationToken).AsTask();

        var catalog = Bucket("CATALOG", TimeSpan.Zero);
        var control = Bucket("CONTROL", ControlSignals.TombstoneAge);
        var owners = Bucket("OWNERS", TimeSpan.Zero);
        var runtimes = Bucket("RUNTIMES", TimeSpan.FromMinutes(1));
        var sandboxes = Bucket("SANDBOXES", MessageBus.SandboxRecordAge);
        var state = Bucket("STATE", TimeSpan.Zero, allowsRemoval: true);
        var kept = Bucket("KEPT", _payloadAge, allowsRemoval: true);
        var mailboxes = Bucket("MAILBOXES", options.Mailboxes.MaximumAge * 2);
        var callKeys = Bucket("CALLKEYS", ToolRuntime.Bus.State.CallKeys.Age);
        var jobs = Bucket("JOBS", JobStore.RecordAge);
        var delayed = Bucket("DELAYED", DelayedCalls.EntryAge);
        Task<NatsKVStore>[] all = [catalog, control, owners, runtimes, sandboxes, state, kept, mailboxes, callKeys, jobs, delayed];
        var streams = new List<Task>(all);
        streams.Add(packages.CreateAsync(options.ObjectBytes, TimeSpan.Zero, options.Replicas, cancellationToken).AsTask());
        streams.Add(payloads.CreateAsync(options.ObjectBytes, _payloadAge, options.Replicas, cancellationToken).AsTask());
        IEnumerable<StreamConfig> configs =
        [
            InvocationQueue.StreamOf(options.QueueBytes, options.MaximumConsumers, options.Replicas),
            .. SessionTopics.Streams(TopicClass.All, options.Partitions, options.SessionBytes, options.Replicas),
            .. ToolRuntime.Bus.Mailboxes.Mailboxes.Streams(options),
            DeadLetters.StreamOf(options.StateBytes, options.Replicas),
            BusWatchdog.StreamOf(options.Replicas),
            AuditLog.StreamOf(options.AuditBytes, options.Replicas),
            FunctionLogs.StreamOf(options.LogBytes, options.Replicas),
        ];
        streams.AddRange(configs.Select(c => js.CreateOrUpdateStreamAsync(c, cancellationToken).AsTask()));
        await Task.WhenAll(streams);
        return new BusStreams(await Task.WhenAll(all));
    }
}
