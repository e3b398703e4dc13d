using ToolRuntime.Bus.Jobs;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.KeyValue;
using ToolRuntime.Bus.Nats.Objects;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.Sessions;

namespace ToolRuntime.Bus;

/// <summary>Every stream and bucket of the product, made where it is missing.</summary>
internal sealed class BusStreams
{
    private static readonly TimeSpan _payloadAge = TimeSpan.FromHours(25);

    private BusStreams(NatsKVStore catalog, NatsKVStore control, NatsKVStore owners, NatsKVStore runtimes, NatsKVStore sandboxes, NatsKVStore jobs, NatsKVStore delayed)
    {
        Catalog = catalog;
        Control = control;
        Owners = owners;
        Runtimes = runtimes;
        Sandboxes = sandboxes;
        Jobs = jobs;
        Delayed = delayed;
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

    /// <summary>Records of jobs.</summary>
    public NatsKVStore Jobs { get; }

    /// <summary>Calls that wait for their time.</summary>
    public NatsKVStore Delayed { get; }

    /// <summary>Names of all streams.</summary>
    public static IEnumerable<string> Names(int partitions) =>
    [
        InvocationQueue.Stream,
        .. SessionTopics.Streams(partitions, 0, 1).Select(s => s.Name),
        State.AuditLog.Stream, State.FunctionLogs.StreamOf(0, 1).Name, DeadLetters.StreamOf(0, 1).Name, BusWatchdog.StreamOf(1).Name,
        "KV_CATALOG", "KV_CONTROL", "KV_OWNERS", "KV_RUNTIMES", "KV_SANDBOXES", "KV_JOBS", "KV_DELAYED", "OBJ_PACKAGES", "OBJ_PAYLOADS",
    ];

    /// <summary>Makes them, all at once.</summary>
    public static async ValueTask<BusStreams> CreateAsync(NatsJSContext js, NatsObjStore packages, NatsObjStore payloads, BusOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var buckets = new NatsKVContext(js, time);
        Task<NatsKVStore> Bucket(string name, TimeSpan maxAge) => buckets.CreateOrUpdateStoreAsync(
            new NatsKVConfig { Bucket = name, MaxBytes = options.StateBytes, MaxAge = maxAge, NumberOfReplicas = options.Replicas }, cancellationToken).AsTask();

        var catalog = Bucket("CATALOG", TimeSpan.Zero);
        var control = Bucket("CONTROL", ControlSignals.TombstoneAge);
        var owners = Bucket("OWNERS", TimeSpan.Zero);
        var runtimes = Bucket("RUNTIMES", TimeSpan.FromMinutes(1));
        var sandboxes = Bucket("SANDBOXES", MessageBus.SandboxRecordAge);
        var jobs = Bucket("JOBS", JobStore.RecordAge);
        var delayed = Bucket("DELAYED", DelayedCalls.EntryAge);
        var streams = new List<Task> { catalog, control, owners, runtimes, sandboxes, jobs, delayed };
        streams.Add(packages.CreateAsync(options.ObjectBytes, TimeSpan.Zero, options.Replicas, cancellationToken).AsTask());
        streams.Add(payloads.CreateAsync(options.ObjectBytes, _payloadAge, options.Replicas, cancellationToken).AsTask());
        IEnumerable<StreamConfig> configs =
        [
            InvocationQueue.StreamOf(options.QueueBytes, options.MaximumConsumers, options.Replicas),
            .. SessionTopics.Streams(options.Partitions, options.SessionBytes, options.Replicas),
            DeadLetters.StreamOf(options.StateBytes, options.Replicas),
            BusWatchdog.StreamOf(options.Replicas),
            State.AuditLog.StreamOf(options.AuditBytes, options.Replicas),
            State.FunctionLogs.StreamOf(options.LogBytes, options.Replicas),
        ];
        streams.AddRange(configs.Select(c => js.CreateOrUpdateStreamAsync(c, cancellationToken).AsTask()));
        await Task.WhenAll(streams);
        return new BusStreams(await catalog, await control, await owners, await runtimes, await sandboxes, await jobs, await delayed);
    }
}
