using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Pipes;

/// <summary>A runtime's door for pipes from other processes: one TCP connection per pipe, so that TCP's own flow control is the pipe's.</summary>
internal sealed partial class PipeAcceptor : IAsyncDisposable
{
    private const int MostAtOnce = 4096;
    private static readonly TimeSpan _handshakeTime = TimeSpan.FromSeconds(30);
    private readonly string _runtime;
    private readonly Func<PipeAddress, CancellationToken, ValueTask<Stream>> _accept;
    private readonly PipeRegistry _registry;
    private readonly ILogger _logger;
    private readonly Action<PipeAcceptor> _disposed;
    private readonly TcpListener _listener;
    private readonly PipeEndpoint _endpoint;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _work;
    private int _open;

    public PipeAcceptor(
        string runtime, Func<PipeAddress, CancellationToken, ValueTask<Stream>> accept, IPAddress host, PipeRegistry registry, ILogger logger, Action<PipeAcceptor> disposed)
    {
        _runtime = runtime;
        _accept = accept;
        _registry = registry;
        _logger = logger;
        _disposed = disposed;
        _listener = new TcpListener(host, 0);
        _listener.Start();
        _endpoint = new PipeEndpoint(_listener.LocalEndpoint.ToString()!, RandomNumberGenerator.GetBytes(32));
        _work = Task.WhenAll(Task.Run(RegisterAsync), Task.Run(ListenAsync));
    }

    /// <summary>The runtime's id.</summary>
    public string Runtime => _runtime;

    /// <summary>Opens a pipe from within this process, with no copy between.</summary>
    public ValueTask<Stream> OpenAsync(PipeAddress address, CancellationToken cancellationToken) => _accept(address, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested)
        {
            return;
        }

        _disposed(this);
        await _ending.CancelAsync();
        _listener.Dispose();
        await _work;
        try
        {
            await _registry.RemoveAsync(_runtime, CancellationToken.None);
        }
        catch (NatsException error)
        {
            LogNotRegistered(_logger, _runtime, error.Message);
        }
    }

    private async Task RegisterAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                await _registry.PutAsync(_runtime, _endpoint, _ending.Token);
                await Task.Delay(PipeRegistry.RenewEvery, _registry.Time, _ending.Token);
            }
            catch (NatsException error)
            {
                LogNotRegistered(_logger, _runtime, error.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), _registry.Time, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ListenAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_ending.Token);
                _ = ServeAsync(client);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                if (!_ending.IsCancellationRequested)
                {
                    LogAcceptFailed(_logger, error.Message);
                }
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        if (Interlocked.Increment(ref _open) > MostAtOnce)
        {
            Interlocked.Decrement(ref _open);
            return;
        }

        try
        {
            client.NoDelay = true;
            var stream = client.GetStream();
            await using var target = await AcceptAsync(stream);
            if (target is not null)
            {
                await PipeRelay.RunAsync(stream, client.Client, target, _ending.Token);
            }
        }
        catch (Exception error)
        {
            // The rim of one pipe: its end is what its opener sees; the others go on.
            LogPipeFailed(_logger, error.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async ValueTask<Stream?> AcceptAsync(NetworkStream stream)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        deadline.CancelAfter(_handshakeTime);
        if (await PipeHandshake.AcceptAsync(stream, _endpoint.Secret, deadline.Token) is not { } address)
        {
            LogStranger(_logger);
            return null;
        }

        try
        {
            var target = await _accept(address, deadline.Token);
            await PipeHandshake.AnswerAsync(stream, null, deadline.Token);
            return target;
        }
        catch (FunctionFaultException error)
        {
            await PipeHandshake.AnswerAsync(stream, error.Fault, deadline.Token);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "runtime {Runtime} cannot say where its pipes are: {Reason}")]
    private static partial void LogNotRegistered(ILogger logger, string runtime, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "accepting a pipe failed: {Reason}")]
    private static partial void LogAcceptFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "a pipe ended: {Reason}")]
    private static partial void LogPipeFailed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "a connection to the pipe port did not know the secret and was closed")]
    private static partial void LogStranger(ILogger logger);
}
