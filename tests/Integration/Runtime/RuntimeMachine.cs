using System.Formats.Tar;
using System.Text;
using System.Text.Json;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Runtime;
using ToolRuntime.Runtime.Hosting;
using ToolRuntime.Sandbox;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Tests.Integration.Agent;
using ToolRuntime.Tests.Integration.CSharp;

namespace ToolRuntime.Tests.Integration.Runtime;

/// <summary>A nats-server, the warm pools and one runtime on this machine, shared by the tests of a class.</summary>
public sealed class RuntimeMachine : IAsyncLifetime
{
    /// <summary>The one timeout of these tests.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-runtime-").FullName;
    private readonly ILoggerFactory _loggers = LoggerFactory.Create(b => b.AddConsole().SetMinimumLevel(LogLevel.Warning));
    private NatsServerProcess _server = null!;
    private WarmPools _pools = null!;
    private RuntimeService _runtime = null!;

    public MessageBus Bus { get; private set; } = null!;

    internal RuntimeService Runtime => _runtime;

    internal WarmPools Pools => _pools;

    /// <summary>How to reach the message server.</summary>
    internal BusOptions BusOptions => _server.Bus;

    /// <summary>What requirements are installed from.</summary>
    internal Wheels Wheels { get; } = new();

    public async ValueTask InitializeAsync()
    {
        using var deadline = new CancellationTokenSource(Timeout);
        var options = new SandboxOptions
        {
            WorkFolder = Path.Combine(_folder, "work"),
            CacheFolder = PublishedAgent.CacheFolder,
            AgentPath = PublishedAgent.Path,
            SdkFolder = Path.Combine(PublishedAgent.TreeTop(), "functions", "sdk"),
            CSharpWorkerFolder = PublishedWorker.Folder,
            KernelFolder = Path.Combine(PublishedAgent.TreeTop(), "sandbox", "kernels"),
            RecipeFolder = Path.Combine(PublishedAgent.TreeTop(), "sandbox", "images"),
            WarmTarget = 1,
        };

        // After what may fail to be published: a fixture that did not begin is not disposed.
        _server = await NatsServerProcess.StartAsync(new NatsServerOptions { Folder = Path.Combine(_folder, "nats") }, _loggers, TimeProvider.System, deadline.Token);
        try
        {
            await StartAsync(options, deadline.Token);
        }
        catch
        {
            await _server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _runtime.StopAsync(CancellationToken.None);
        await _runtime.DisposeAsync();
        await _pools.DisposeAsync();
        await Bus.DisposeAsync();
        await _server.DisposeAsync();
        _loggers.Dispose();
        Wheels.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(SandboxOptions options, CancellationToken cancellationToken)
    {
        Bus = await ConnectAsync(cancellationToken);
        var layers = new LayerCache(Path.Combine(_folder, "layers"), RuntimeRegistration.FetchLayer(Bus.Objects), TimeProvider.System);
        _pools = await WarmPools.StartAsync(options, layers, _loggers, TimeProvider.System, new Progress<string>(), cancellationToken);
        _runtime = NewRuntime(Bus, new RuntimeOptions());
        await _runtime.StartAsync(cancellationToken);
    }

    public static CancellationTokenSource Deadline() =>
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken, new CancellationTokenSource(Timeout).Token);

    public ValueTask<MessageBus> ConnectAsync(CancellationToken cancellationToken) => MessageBus.ConnectAsync(_server.Bus, _loggers, TimeProvider.System, cancellationToken);

    internal RuntimeService NewRuntime(MessageBus bus, RuntimeOptions options) => new(
        options with { Build = options.Build with { WorkFolder = Path.Combine(_folder, "build"), PythonIndex = Wheels.Folder } }, bus, _pools, _loggers, TimeProvider.System);

    /// <summary>Builds one file into a version, through the queue.</summary>
    public Task<FunctionVersion> DeployAsync(string file, string code, object? manifest, CancellationToken cancellationToken) =>
        DeployAsync([(file, code)], manifest, cancellationToken);

    /// <summary>Builds files into a version, through the queue.</summary>
    public async Task<FunctionVersion> DeployAsync((string Name, string Text)[] files, object? manifest, CancellationToken cancellationToken)
    {
        var ended = await BuildAsync(files, manifest, cancellationToken);
        Assert.True(ended.Terminal.Kind == EventKind.Completed, Encoding.UTF8.GetString(ended.Terminal.Data.Span));
        using var document = JsonDocument.Parse(ended.Terminal.Data);
        return document.RootElement.GetProperty("value").Deserialize(FunctionsJson.Default.BuildResult)!.Version;
    }

    /// <summary>Builds files, through the queue; how it ended.</summary>
    public async Task<EndedCall> BuildAsync((string Name, string Text)[] files, object? manifest, CancellationToken cancellationToken)
    {
        var request = new BuildRequest
        {
            PackageDigest = files.Length == 0 ? "" : await Bus.Objects.PutAsync(Caller.LocalTenant, "package", Tar(files), cancellationToken),
            ManifestOverrides = manifest is null ? null : JsonSerializer.Serialize(manifest),
        };
        return await BuildAsync(request, cancellationToken);
    }

    public async Task<EndedCall> BuildAsync(BuildRequest request, CancellationToken cancellationToken) => await RunAsync(
        Call(null, BuildRequest.FunctionName, JsonSerializer.SerializeToUtf8Bytes(request, FunctionsJson.Default.BuildRequest)) with
        {
            Deadline = DateTimeOffset.UtcNow + Timeout,
            Options = InvocationOptions.Stream,
        },
        cancellationToken);

    public static Invocation Call(FunctionVersion? version, string tool, ReadOnlyMemory<byte> arguments) => new()
    {
        Id = Ids.New(),
        Session = Ids.New(),
        Caller = Caller.Local,
        Pool = version?.Pool ?? "base",
        Function = version?.Manifest.Name ?? tool,
        Version = version?.Digest ?? "",
        Tool = tool,
        Arguments = arguments,
        AcceptedAt = DateTimeOffset.UtcNow,
        Deadline = DateTimeOffset.UtcNow + TimeSpan.FromSeconds(version?.Manifest.TimeoutSeconds ?? 60),
        Retry = version?.Manifest.Retry ?? RetryPolicy.Never,
    };

    public Task<EndedCall> CallAsync(FunctionVersion version, string arguments, CancellationToken cancellationToken, InvocationOptions options = InvocationOptions.None) =>
        RunAsync(Call(version, version.Tools[0].Name, Encoding.UTF8.GetBytes(arguments)) with { Options = options }, cancellationToken);

    /// <summary>The same with a deadline of its own, on a function that is warm: it is there to pass while the code runs.</summary>
    public async Task<EndedCall> CallForAsync(FunctionVersion version, string arguments, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var call = Call(version, version.Tools[0].Name, Encoding.UTF8.GetBytes(arguments));
        return await RunAsync(call with { Deadline = call.AcceptedAt + deadline }, cancellationToken);
    }

    /// <summary>Enqueues a call and follows it to its end.</summary>
    public async Task<EndedCall> RunAsync(Invocation invocation, CancellationToken cancellationToken, Func<InvocationEvent, Task>? onEvent = null)
    {
        await using var follower = Bus.Topics.Follow(TopicKey.Of(invocation));
        await Bus.Queue.EnqueueAsync(invocation, owner: null, cancellationToken);
        List<InvocationEvent> events = [];
        while (await follower.NextAsync(cancellationToken) is { } next)
        {
            events.Add(next.Event);
            await (onEvent?.Invoke(next.Event) ?? Task.CompletedTask);
            if (next.Event.IsTerminal)
            {
                break;
            }
        }

        return new EndedCall(invocation, events);
    }

    private static MemoryStream Tar((string Name, string Text)[] files)
    {
        var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            foreach (var (name, text) in files)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }
        }

        stream.Position = 0;
        return stream;
    }
}

/// <summary>A call that has ended, with all its events.</summary>
public sealed record EndedCall(Invocation Invocation, IReadOnlyList<InvocationEvent> Events)
{
    public InvocationEvent Terminal => Events[^1];

    public string Json => Encoding.UTF8.GetString(Terminal.Data.Span);

    public FunctionFault Fault
    {
        get
        {
            Assert.True(Terminal.Kind == EventKind.Failed, Json);
            return JsonSerializer.Deserialize(Terminal.Data.Span, FunctionsJson.Default.FunctionFault)!;
        }
    }

    public JsonElement Value
    {
        get
        {
            Assert.True(Terminal.Kind == EventKind.Completed, Json);
            using var document = JsonDocument.Parse(Terminal.Data);
            return document.RootElement.GetProperty("value").Clone();
        }
    }
}
