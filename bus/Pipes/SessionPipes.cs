using System.Net;
using System.Net.Sockets;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Pipes;

/// <summary>Pipes: straight through where the runtime is in this process, else by an authenticated TCP connection.</summary>
internal sealed class SessionPipes(SessionOwners owners, PipeRegistry registry, IPAddress host, ILogger logger) : ISessionPipes, IAsyncDisposable
{
    private static readonly TimeSpan _openTime = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private readonly List<PipeAcceptor> _acceptors = [];

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenAsync(PipeAddress address, CancellationToken cancellationToken)
    {
        try
        {
            var runtime = address.Runtime ?? (await owners.GetAsync(address.Tenant, address.Session, cancellationToken))?.Runtime;
            if (Local(runtime) is { } here)
            {
                return await here.OpenAsync(address, cancellationToken);
            }

            var endpoint = runtime is null ? await registry.AnyAsync(cancellationToken) : await registry.FindAsync(runtime, cancellationToken);
            return endpoint is null
                ? throw new FunctionFaultException(FaultCode.RuntimeLost, $"No runtime answers for session {address.Session}.", "See that a runtime is up: toolrt status.")
                : await ConnectAsync(endpoint, address, cancellationToken);
        }
        catch (NatsException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.BusUnavailable, $"The session's owner cannot be found: {error.Message}."), error);
        }
    }

    /// <inheritdoc/>
    public IAsyncDisposable Accept(string runtime, Func<PipeAddress, CancellationToken, ValueTask<Stream>> accept)
    {
        var acceptor = new PipeAcceptor(runtime, accept, host, registry, logger, Remove);
        lock (_gate)
        {
            _acceptors.Add(acceptor);
        }

        return acceptor;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        PipeAcceptor[] all;
        lock (_gate)
        {
            all = [.. _acceptors];
        }

        foreach (var acceptor in all)
        {
            await acceptor.DisposeAsync();
        }
    }

    private static async ValueTask<Stream> ConnectAsync(PipeEndpoint endpoint, PipeAddress address, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_openTime);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var stream = default(PipeStream);
        try
        {
            await socket.ConnectAsync(IPEndPoint.Parse(endpoint.Address), deadline.Token);
            stream = new PipeStream(socket);
            await PipeHandshake.OpenAsync(stream, endpoint.Secret, address, deadline.Token);
            return stream;
        }
        catch (Exception error)
        {
            socket.Dispose();
            stream?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw error as FunctionFaultException
                ?? new FunctionFaultException(new FunctionFault(FaultCode.RuntimeLost, $"The session's runtime does not answer: {error.Message}", "Try again."), error);
        }
    }

    /// <summary>A runtime of this process: the owner, or any where the session has none.</summary>
    private PipeAcceptor? Local(string? runtime)
    {
        lock (_gate)
        {
            return runtime is null ? _acceptors.FirstOrDefault() : _acceptors.Find(a => a.Runtime == runtime);
        }
    }

    private void Remove(PipeAcceptor acceptor)
    {
        lock (_gate)
        {
            _acceptors.Remove(acceptor);
        }
    }

    private sealed class PipeStream(Socket socket) : NetworkStream(socket, ownsSocket: true), IHalfClosable
    {
        public ValueTask CloseWriteAsync(CancellationToken cancellationToken)
        {
            Socket.Shutdown(SocketShutdown.Send);
            return default;
        }
    }
}
