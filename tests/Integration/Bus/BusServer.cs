using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Functions;

[assembly: AssemblyFixture(typeof(ToolRuntime.Tests.Integration.Bus.BusServer))]

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>One real nats-server for the tests that do not hurt it.</summary>
public sealed class BusServer : IAsyncLifetime
{
    /// <summary>The one time limit of these tests.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"toolrt-bus-{Ids.New()}");
    private NatsServerProcess? _server;

    public BusOptions Options => _server!.Bus;

    public static CancellationToken Deadline() => new CancellationTokenSource(Limit).Token;

    public static Invocation NewInvocation(string tenant = "local", string pool = "base", byte[]? arguments = null) => new()
    {
        Id = Ids.New(),
        Session = Ids.New(),
        Caller = new Caller(tenant, "test", "test"),
        Pool = pool,
        Function = "add",
        Version = "d1",
        Tool = "add",
        Arguments = arguments ?? "{}"u8.ToArray(),
        AcceptedAt = TimeProvider.System.GetUtcNow(),
        Deadline = TimeProvider.System.GetUtcNow().AddMinutes(1),
    };

    public ValueTask<MessageBus> ConnectAsync() => ConnectAsync(Options);

    public static ValueTask<MessageBus> ConnectAsync(BusOptions options) =>
        MessageBus.ConnectAsync(options, NullLoggerFactory.Instance, TimeProvider.System, Deadline());

    internal static async ValueTask<NatsConnection> ConnectNatsAsync(BusOptions options)
    {
        var password = File.ReadLines(options.PasswordFile!).First();
        var connection = new NatsConnection(
            new NatsOpts { Servers = options.Servers, AuthOpts = new NatsAuthOpts { Username = options.User, Password = password } }, NullLogger.Instance, TimeProvider.System);
        await connection.ConnectAsync(Deadline());
        return connection;
    }

    public async ValueTask InitializeAsync()
    {
        foreach (var kind in (string[])["bus", "gateway", "runtime", "audit", "fault"])
        {
            foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), $"toolrt-{kind}-*"))
            {
                await EndAbandonedAsync(folder);
            }
        }

        _server = await NatsServerProcess.StartAsync(new NatsServerOptions { Folder = _folder }, NullLoggerFactory.Instance, TimeProvider.System, Deadline());
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A run that was killed leaves its servers behind, in folders that nobody holds and no later run uses: this one ends them.</summary>
    private static async Task EndAbandonedAsync(string folder)
    {
        var nats = Path.Combine(folder, "nats");
        nats = Directory.Exists(nats) ? nats : folder;
        if (!File.Exists(Path.Combine(nats, "process")))
        {
            return;
        }

        try
        {
            using var held = ServerFolder.Open(nats);
            if (ProcessMark.Parse(await File.ReadAllTextAsync(held.ProcessFile)) is { } left)
            {
                await left.EndAsync(TimeSpan.FromSeconds(5), TimeProvider.System, Deadline());
            }
        }
        catch (Exception error) when (error is InvalidOperationException or IOException)
        {
            // Another run holds it, or removes it just now.
            return;
        }

        Directory.Delete(folder, recursive: true);
    }
}
