using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Nats.Server;

/// <summary>
/// A nats-server child on loopback with JetStream: made ready, started again when it dies (clients reconnect to the same port), ended with this object.
/// One that a killed owner left behind is ended by the next start, known by process number and start time.
/// </summary>
public sealed partial class NatsServerProcess : IAsyncDisposable
{
    private const double ShareForStreams = 0.9;
    private static readonly TimeSpan _stopTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _longestBackoff = TimeSpan.FromSeconds(5);
    private readonly ServerFolder _folder;
    private readonly string _program;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private Process _process;
    private Task _supervising = Task.CompletedTask;

    private NatsServerProcess(ServerFolder folder, string program, Process process, BusOptions bus, ILogger logger, TimeProvider time)
    {
        _folder = folder;
        _program = program;
        _process = process;
        Bus = bus;
        _logger = logger;
        _time = time;
    }

    /// <summary>How to reach it, with limits that fit its storage.</summary>
    public BusOptions Bus { get; }

    /// <summary>The present child's process number.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts the server and returns once JetStream answers.</summary>
    /// <exception cref="InvalidOperationException">There is no nats-server, the folder or port is in use, or it does not get ready; says how to mend.</exception>
    public static async ValueTask<NatsServerProcess> StartAsync(NatsServerOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var program = options.Program ?? Find("nats-server")
            ?? throw new InvalidOperationException("nats-server is not on PATH; install it: apt-get install nats-server");
        var folder = ServerFolder.Open(options.Folder);
        try
        {
            await EndFormerAsync(folder, time, cancellationToken);
            var budget = options.MaximumBytes ?? folder.StoreBudget();
            var port = options.Port == 0 ? PortOf(folder) : options.Port;
            ServerFolder.WritePrivate(folder.ConfigurationFile, ServerConfiguration.Of(folder, port, folder.Password(), budget));
            var bus = new BusOptions
            {
                Servers = [$"nats://127.0.0.1:{port}"],
                User = ServerConfiguration.User,
                PasswordFile = folder.PasswordFile,
                SupervisesServer = true,
                StoreFolder = folder.Path,
            }.ScaledTo((long)(budget * ShareForStreams));
            var server = new NatsServerProcess(folder, program, Spawn(folder, program), bus, loggers.CreateLogger<NatsServerProcess>(), time);
            await server.BeginAsync(options.ReadyTime, cancellationToken);
            return server;
        }
        catch (Exception)
        {
            folder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested)
        {
            return;
        }

        await _ending.CancelAsync();
        await _supervising;
        await EndFormerAsync(_folder, _time, CancellationToken.None);
        _process.Dispose();
        _folder.Dispose();
        _ending.Dispose();
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Append("/usr/sbin").Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>The port of the last time where it is free, so that other processes find the server again; else any.</summary>
    private static int PortOf(ServerFolder folder)
    {
        try
        {
            return FreePort(File.Exists(folder.ConfigurationFile) ? ServerConfiguration.PortOf(File.ReadLines(folder.ConfigurationFile)) : 0);
        }
        catch (SocketException)
        {
            return FreePort(0);
        }
    }

    private static int FreePort(int wanted)
    {
        using var listener = new TcpListener(IPAddress.Loopback, wanted);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async ValueTask EndFormerAsync(ServerFolder folder, TimeProvider time, CancellationToken cancellationToken)
    {
        if (File.Exists(folder.ProcessFile) && ProcessMark.Parse(await File.ReadAllTextAsync(folder.ProcessFile, cancellationToken)) is { } former)
        {
            await former.EndAsync(_stopTime, time, cancellationToken);
            File.Delete(folder.ProcessFile);
        }
    }

    /// <summary>In a session of its own, so that Ctrl-C reaches it through us, after everybody has said what they had to say.</summary>
    private static Process Spawn(ServerFolder folder, string program)
    {
        var start = Find("setsid") is { } setsid
            ? new ProcessStartInfo(setsid) { ArgumentList = { program } }
            : new ProcessStartInfo(program);
        start.ArgumentList.Add("--config");
        start.ArgumentList.Add(folder.ConfigurationFile);
        start.WorkingDirectory = folder.Path;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started");
        if (ProcessMark.Of(process.Id) is { } mark)
        {
            ServerFolder.WritePrivate(folder.ProcessFile, mark.ToString());
        }

        return process;
    }

    private async ValueTask BeginAsync(TimeSpan readyTime, CancellationToken cancellationToken)
    {
        try
        {
            await WaitReadyAsync(readyTime, cancellationToken);
            _supervising = SuperviseAsync();
        }
        catch (Exception)
        {
            await EndFormerAsync(_folder, _time, CancellationToken.None);
            _process.Dispose();
            throw;
        }
    }

    private async ValueTask WaitReadyAsync(TimeSpan readyTime, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(readyTime);
        var opts = new NatsOpts
        {
            Servers = Bus.Servers,
            Name = "toolrt-ready",
            AuthOpts = new NatsAuthOpts { Username = Bus.User, Password = _folder.Password() },
        };
        while (true)
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"nats-server ended with code {_process.ExitCode}; its log {_folder.LogFile} ends:\n{_folder.LogTail()}");
            }

            try
            {
                await using var connection = new NatsConnection(opts, NullLogger.Instance, _time);
                await connection.ConnectAsync(deadline.Token);
                await new NatsJSContext(connection).GetAccountInfoAsync(deadline.Token);
                return;
            }
            catch (NatsException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), _time, deadline.Token);
            }
            catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
            {
                throw new InvalidOperationException($"nats-server is not ready after {readyTime}; its log {_folder.LogFile} ends:\n{_folder.LogTail()}", error);
            }
        }
    }

    private async Task SuperviseAsync()
    {
        var backoff = TimeSpan.FromMilliseconds(100);
        try
        {
            while (true)
            {
                var started = _time.GetTimestamp();
                await _process.WaitForExitAsync(_ending.Token);
                LogDied(_logger, _process.ExitCode, backoff);
                await Task.Delay(backoff, _time, _ending.Token);
                backoff = NextBackoff(backoff, _time.GetElapsedTime(started));
                var former = _process;
                _process = Spawn(_folder, _program);
                former.Dispose();
            }
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception or IOException)
        {
            LogGivenUp(_logger, error);
        }
        catch (OperationCanceledException)
        {
            // Disposing: the caller ends the child.
        }
    }

    /// <summary>Doubled while it keeps dying young, else the shortest.</summary>
    internal static TimeSpan NextBackoff(TimeSpan backoff, TimeSpan lived) =>
        lived > TimeSpan.FromSeconds(30) ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, _longestBackoff.Ticks));

    [LoggerMessage(Level = LogLevel.Critical, Message = "nats-server cannot be started again")]
    private static partial void LogGivenUp(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "nats-server ended with code {ExitCode}; it is started again in {Backoff}")]
    private static partial void LogDied(ILogger logger, int exitCode, TimeSpan backoff);
}
