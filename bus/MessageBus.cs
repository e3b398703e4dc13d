using System.Net;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Jobs;
using ToolRuntime.Bus.Logs;
using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.Objects;
using ToolRuntime.Bus.Pipes;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Bus.State;
using ToolRuntime.Bus.Streams;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus;

/// <summary>One process's connection to the bus, and what the product speaks on it.</summary>
public sealed class MessageBus : IAsyncDisposable
{
    /// <summary>How long a <see cref="SandboxRecord"/>, <see cref="SandboxSnapshot"/> or <see cref="VolumeRecord"/> stands without being written again.</summary>
    public static readonly TimeSpan SandboxRecordAge = TimeSpan.FromDays(2);

    private readonly NatsConnection _connection;
    private readonly NatsConnection _bulk;
    private readonly SessionPipes _pipes;
    private readonly BusWatchdog _watchdog;
    private bool _isDisposed;

    private MessageBus(NatsConnection connection, NatsConnection bulk, ObjectStore objects, BusStreams streams, BusParts parts)
    {
        _connection = connection;
        _bulk = bulk;
        var (options, js, _, loggers, time) = parts;
        Objects = objects;
        Queue = new InvocationQueue(js, objects, options.AckDeadline, loggers.CreateLogger<InvocationQueue>(), time);
        var events = new EventStore(js, objects, time);
        Topics = new SessionTopics(events, options.Partitions, time);
        Index = new SessionIndex(events, options.Partitions, time);
        var stored = new StreamStore(events, parts.Classes, time);
        Streams = new DurableStreams(stored, options.Streams, time);
        SessionStreams = new SessionStreams(stored, Topics, options.Streams, options.Partitions, time);
        Control = new ControlSignals(connection, streams.Control, time);
        Catalog = new CatalogStore(streams.Catalog);
        ToolSets = new NamedStore<ToolSet>(streams.Catalog, "s", FunctionsJson.Default.ToolSet);
        Agents = new NamedStore<Agent>(streams.Catalog, "a", FunctionsJson.Default.Agent);
        Sandboxes = new NamedStore<SandboxRecord>(streams.Sandboxes, "b", FunctionsJson.Default.SandboxRecord);
        Snapshots = new NamedStore<SandboxSnapshot>(streams.Sandboxes, "k", FunctionsJson.Default.SandboxSnapshot);
        State = new StateStore(streams.State, options.State, time);
        Keeps = new CallKeeps(streams.Kept, objects, time);
        Mailboxes = new Mailboxes.Mailboxes(js, streams.Mailboxes, objects, options, time);
        CallKeys = new CallKeys(streams.CallKeys);
        Volumes = new NamedStore<VolumeRecord>(streams.Sandboxes, "v", FunctionsJson.Default.VolumeRecord);
        Audit = new AuditLog(js, objects, time);
        Logs = new FunctionLogs(js, options.Partitions, time);
        Owners = new SessionOwners(streams.Owners, time);
        DeadOwners = new DeadOwners(js, Owners, loggers.CreateLogger<DeadOwners>(), time);
        Requests = new PartRequests(connection, options.PartSilence, loggers.CreateLogger<PartRequests>(), time);
        Jobs = new JobStore(streams.Jobs);
        Delayed = new DelayedCalls(streams.Delayed, Queue, loggers.CreateLogger<DelayedCalls>(), time);
        DeadLetters = new DeadLetters(js, objects, time);
        Inspection = new BusInspection(js, options.Partitions);
        _watchdog = new BusWatchdog(js, options, loggers.CreateLogger<BusWatchdog>(), time);
        _pipes = new SessionPipes(Owners, new PipeRegistry(streams.Runtimes, time), IPAddress.Parse(options.PipeHost), loggers.CreateLogger<SessionPipes>());
    }

    /// <summary>The durable queue of invocations.</summary>
    public InvocationQueue Queue { get; }

    /// <summary>The topics of sessions.</summary>
    public SessionTopics Topics { get; }

    /// <summary>The calls of each session.</summary>
    public SessionIndex Index { get; }

    /// <summary>Named streams that callers append to and read.</summary>
    public DurableStreams Streams { get; }

    /// <summary>The topics of sessions in the same form.</summary>
    public SessionStreams SessionStreams { get; }

    /// <summary>Signals to running calls.</summary>
    public ControlSignals Control { get; }

    /// <summary>Deployed functions.</summary>
    public CatalogStore Catalog { get; }

    /// <summary>Chosen parts of tenants' tools.</summary>
    public NamedStore<ToolSet> ToolSets { get; }

    /// <summary>Agents that are reached through the gateway.</summary>
    public NamedStore<Agent> Agents { get; }

    /// <summary>Packages and layers, by content.</summary>
    public ObjectStore Objects { get; }

    /// <summary>Sandboxes that callers drive, by their id.</summary>
    public NamedStore<SandboxRecord> Sandboxes { get; }

    /// <summary>Snapshots, by their id.</summary>
    public NamedStore<SandboxSnapshot> Snapshots { get; }

    /// <summary>What sessions and tenants remember.</summary>
    public StateStore State { get; }

    /// <summary>What running calls keep for their next attempt.</summary>
    public CallKeeps Keeps { get; }

    /// <summary>The mailboxes of tenants.</summary>
    public Mailboxes.Mailboxes Mailboxes { get; }

    /// <summary>Idempotency keys of calls.</summary>
    public CallKeys CallKeys { get; }

    /// <summary>Volumes, by their name.</summary>
    public NamedStore<VolumeRecord> Volumes { get; }

    /// <summary>The record of every call.</summary>
    public AuditLog Audit { get; }

    /// <summary>What functions print.</summary>
    public FunctionLogs Logs { get; }

    /// <summary>Session owners and epochs.</summary>
    public SessionOwners Owners { get; }

    /// <summary>Calls that wait for runtimes which are gone.</summary>
    public DeadOwners DeadOwners { get; }

    /// <summary>Calls that nobody waits for.</summary>
    public JobStore Jobs { get; }

    /// <summary>Calls that wait for their time.</summary>
    public DelayedCalls Delayed { get; }

    /// <summary>Calls that were given up.</summary>
    public DeadLetters DeadLetters { get; }

    /// <summary>Requests between parts, answered by whoever of the group is free.</summary>
    public PartRequests Requests { get; }

    /// <summary>Live byte streams to a session's sandbox.</summary>
    public ISessionPipes Pipes => _pipes;

    /// <summary>For those who run the server.</summary>
    public BusInspection Inspection { get; }

    /// <summary>Whether the server stores, as was found within the last seconds; drives <c>/readyz</c>.</summary>
    public BusHealth Health => _watchdog.Health;

    /// <summary>Whether the server answers at present; drives <c>/readyz</c>.</summary>
    public bool IsConnected => _connection.IsConnected;

    /// <summary>Connects, makes the streams and buckets that are missing, and returns.</summary>
    /// <exception cref="InvalidOperationException">The server cannot be reached or lacks JetStream; the message says which and how to mend.</exception>
    public static async ValueTask<MessageBus> ConnectAsync(BusOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(options, options.ClientName, loggers, time, cancellationToken);
        var bulk = await OpenAsync(options, $"{options.ClientName}-bulk", loggers, time, cancellationToken);
        try
        {
            var js = new NatsJSContext(connection) { ChangesLimits = options.SupervisesServer };
            var bulkJs = new NatsJSContext(bulk) { ChangesLimits = options.SupervisesServer };
            var packages = new NatsObjStore(bulkJs, "PACKAGES", time);
            var payloads = new NatsObjStore(bulkJs, "PAYLOADS", time);
            var streams = await BusStreams.CreateAsync(js, packages, payloads, options, time, cancellationToken);
            return new MessageBus(connection, bulk, new ObjectStore(packages, payloads), streams, new BusParts(options, js, new StreamClasses(js, bulkJs, packages, new StreamLayout(options.Partitions, options.StreamBytes / (double)options.SessionBytes, options.Replicas), time), loggers, time));
        }
        catch (NatsException error)
        {
            await connection.DisposeAsync();
            await bulk.DisposeAsync();
            throw new InvalidOperationException(Mend(error, options), error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _watchdog.DisposeAsync();
        await _pipes.DisposeAsync();
        Streams.Dispose();
        await Control.DisposeAsync();
        await Audit.DisposeAsync();
        await Logs.DisposeAsync();
        Queue.Dispose();
        await _connection.DisposeAsync();
        await _bulk.DisposeAsync();
    }

    private static async ValueTask<NatsConnection> OpenAsync(BusOptions options, string name, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var password = options.PasswordFile is { } file ? await PasswordFile.ReadAsync(file, cancellationToken) : null;
        var credentials = options.CredentialsFile is { } creds ? NatsCredentials.Parse(await PasswordFile.ReadAllAsync(creds, cancellationToken)) : null;
        var opts = new NatsOpts
        {
            Servers = options.Servers,
            Name = name,
            AuthOpts = new NatsAuthOpts { Username = options.User, Password = password, Credentials = credentials },
            TlsOpts = new NatsTlsOpts { CaFile = options.TlsCaFile, CertFile = options.TlsCertificateFile, KeyFile = options.TlsKeyFile },
        };
        var connection = new NatsConnection(opts, loggers.CreateLogger<NatsConnection>(), time);
        try
        {
            await connection.ConnectAsync(cancellationToken);
            Check(connection.ServerInfo.Version);
            return connection;
        }
        catch (NatsException error)
        {
            await connection.DisposeAsync();
            throw new InvalidOperationException(Mend(error, options), error);
        }
    }

    private static void Check(string version)
    {
        if (NatsFeatures.Of(version).Version < NatsFeatures.Oldest)
        {
            throw new NatsConnectionFailedException($"nats-server {version} is too old: {NatsFeatures.Oldest} or newer is needed");
        }
    }

    private static string Mend(NatsException error, BusOptions options) => error switch
    {
        NatsServerException { IsAuthError: true } when options.CredentialsFile is { } file => $"nats-server refused the credentials of {file}",
        NatsServerException { IsAuthError: true } => $"nats-server refused user '{options.User}'; see the user in --nats and the file that $TOOLRT_NATS_PASSWORD_FILE names",
        NatsNoRespondersException => "nats-server has no JetStream; start it with -js, or jetstream {} in its configuration",
        NatsJSApiException api => $"{api.Message}; see the limits of toolruntime.bus and of the server (all limits together need {options.TotalBytes >> 20} MiB)",
        _ => $"{error.Message}; is nats-server up at {string.Join(", ", options.Servers)}?",
    };

    /// <summary>What every part of the bus is made from.</summary>
    private sealed record BusParts(BusOptions Options, NatsJSContext JetStream, StreamClasses Classes, ILoggerFactory Loggers, TimeProvider Time);
}
