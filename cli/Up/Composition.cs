using System.Net;

using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Bus.Streams;
using ToolRuntime.Cli.Instances;
using ToolRuntime.Cli.Output;
using ToolRuntime.Gateway;
using ToolRuntime.Gateway.Auth;
using ToolRuntime.Gateway.Collection;
using ToolRuntime.Gateway.Mcp;
using ToolRuntime.Runtime;
using ToolRuntime.Runtime.Hosting;
using ToolRuntime.Runtime.Live;
using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Volumes;

namespace ToolRuntime.Cli.Up;

/// <summary>Turns the command line and host.json into the options of each part; nobody else does.</summary>
internal sealed class Composition(DataFolder folder, UpOptions options, HostSettings settings)
{
    public bool HasRuntime => options.Role != Role.Gateway;

    public bool HasGateway => options.Role != Role.Runtime;

    /// <summary>Listens where clients are told to connect; over TLS too where ports of sandboxes have names.</summary>
    public void Listen(IWebHostBuilder web)
    {
        if (options.TlsPort == 0 || !HasGateway)
        {
            web.UseUrls(options.Url);
            return;
        }

        web.UseKestrelHttpsConfiguration();
        web.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Parse(options.Address), options.Port);
            kestrel.Listen(IPAddress.Parse(options.Address), options.TlsPort, listen => listen.UseHttps(SandboxCertificate.Load(folder, TimeProvider.System)));
        });
    }

    /// <summary>The message server, known once the bus is connected.</summary>
    public NatsAddress? Nats { get; private set; }

    public SandboxOptions Sandbox => new()
    {
        WorkFolder = folder.File("sandboxes"),
        CacheFolder = Installation.Cache,
        AgentPath = Installation.Agent,
        SdkFolder = Installation.Sdk,
        CSharpWorkerFolder = Installation.CSharpWorker,
        KernelFolder = Installation.Kernels,
        CSharpKernelFolder = Installation.CSharpKernel,
        RecipeFolder = Installation.File("sandbox/images"),
        Platform = settings.Platform,
        RunscPath = settings.RunscPath,
        Docker = settings.DockerEngine(),
        MaximumSandboxes = settings.MaximumSandboxes,
        WarmTarget = settings.WarmTarget,
        WarmIdle = TimeSpan.FromSeconds(settings.WarmIdleSeconds),
    };

    public RuntimeOptions Runtime => new()
    {
        MaximumInFlight = settings.Capacity,
        MaximumDeliveries = settings.MaximumDeliveries,
        OutputInterval = TimeSpan.FromMilliseconds(settings.OutputMilliseconds),
        OutputCharacters = settings.OutputCharacters,
        CacheUnusedFor = TimeSpan.FromDays(settings.CacheDays),
        DrainTimeout = TimeSpan.FromSeconds(settings.DrainSeconds),
        Live = new LiveOptions
        {
            Folder = folder.File("live"),
            Volumes = new VolumeOptions { Folder = folder.File("volumes"), QuotaMiB = settings.VolumeQuotaMiB },
            MaximumActive = TimeSpan.FromSeconds(settings.MaximumActiveSeconds),
            KeepPaused = TimeSpan.FromDays(settings.KeepPausedDays),
        },
        Build = new BuildOptions { WorkFolder = folder.File("builds") },
    };

    private StreamOptions Streams => new()
    {
        LargestAppendBytes = (int)settings.LargestAppendBytes,
        LargestStreamBytes = settings.LargestStreamBytes,
        MostStreamsOfTenant = settings.StreamsPerTenant,
        MostReadersOfStream = settings.ReadersPerStream,
        LongPoll = TimeSpan.FromSeconds(settings.LongPollSeconds),
    };

    public GatewayOptions Gateway => new()
    {
        DataFolder = folder.Path,
        Auth = new AuthOptions
        {
            Addresses = [IPAddress.Parse(options.Address)],
            KeyFile = options.Keys,
            AdminTokenFile = folder.TokenFile,
            LocalKeyFile = folder.KeyFile,
            AllowedHosts = settings.AllowedHosts,
            AllowedOrigins = settings.AllowedOrigins,
        },
        HasSandboxTools = settings.HasSandboxTools,
        HasStateTools = settings.HasStateTools,
        SandboxDomain = options.SandboxDomain,
        Collection = new CollectionOptions
        {
            KeepVersions = settings.KeepVersions,
            Grace = TimeSpan.FromMinutes(settings.GraceMinutes),
            Every = TimeSpan.FromMinutes(settings.CollectMinutes),
        },
        Mcp = new McpOptions { MaximumBodyBytes = (int)Math.Min(settings.MaximumBodyBytes, int.MaxValue) },
    };

    public void ConfigureLogging(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(options.Verbose ? LogLevel.Information : LogLevel.Warning);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        logging.AddFilter("Microsoft", LogLevel.Warning);

        // It logs nothing here, but while it could, each request gets an activity and a scope of its own.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
    }

    /// <summary>Connects to the server that the command line names, or starts one; <paramref name="keep"/> takes what must be ended.</summary>
    public async ValueTask<MessageBus> ConnectBusAsync(ILoggerFactory loggers, Action<IAsyncDisposable> keep, CancellationToken cancellationToken)
    {
        var limits = new BusOptions
        {
            QueueBytes = settings.QueueBytes,
            SessionBytes = settings.SessionBytes,
            Partitions = settings.Partitions,
            State = settings.State,
            Mailboxes = settings.Mailboxes,
            Streams = Streams,
            Replicas = options.Nats is null ? 1 : settings.Replicas,
            MaximumConsumers = settings.MaximumConsumers,
            CanaryInterval = TimeSpan.FromSeconds(settings.CanarySeconds),
            CanaryDeadline = TimeSpan.FromSeconds(settings.CanarySeconds),
            DiskHeadroomBytes = settings.DiskHeadroomBytes,
            CredentialsFile = options.NatsCredentials,
            TlsCaFile = options.NatsAuthorities,
            TlsCertificateFile = options.NatsCertificate,
            TlsKeyFile = options.NatsKey,
        };
        BusOptions reach;
        if (options.Nats is { } url)
        {
            reach = limits with { Servers = [url], User = new Uri(url).UserInfo is { Length: > 0 } user ? user : null, PasswordFile = Environment.GetEnvironmentVariable(NatsAddress.PasswordVariable) };
        }
        else
        {
            var server = await StartServerAsync(loggers, cancellationToken);
            keep(server);
            reach = (limits with { Servers = server.Bus.Servers, User = server.Bus.User, PasswordFile = server.Bus.PasswordFile, SupervisesServer = server.Bus.SupervisesServer, StoreFolder = server.Bus.StoreFolder }).ScaledTo(server.Bus.TotalBytes);
        }

        Nats = NatsAddress.Of(reach.Servers[0], reach.User, reach.PasswordFile);
        var bus = await ConnectAsync(reach, loggers, cancellationToken);
        keep(bus);
        return bus;
    }

    public static LayerCache MakeLayers(MessageBus bus) => new(Path.Combine(Installation.Cache, "layers"), RuntimeRegistration.FetchLayer(bus.Objects), TimeProvider.System);

    private static async ValueTask<MessageBus> ConnectAsync(BusOptions reach, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            return await MessageBus.ConnectAsync(reach, loggers, TimeProvider.System, cancellationToken);
        }
        catch (InvalidOperationException error)
        {
            throw new CommandFailedException(ExitCodes.MachineLacks, $"{reach.Servers[0]}: {error.Message}", $"--nats takes nats://user@host:port, and ${NatsAddress.PasswordVariable} the password's file; 'up' prints both");
        }
    }

    private async ValueTask<NatsServerProcess> StartServerAsync(ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            return await NatsServerProcess.StartAsync(new NatsServerOptions { Folder = folder.File("nats") }, loggers, TimeProvider.System, cancellationToken);
        }
        catch (InvalidOperationException error)
        {
            throw new CommandFailedException(ExitCodes.MachineLacks, error.Message);
        }
    }
}
