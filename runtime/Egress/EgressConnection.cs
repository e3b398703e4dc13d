using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

using ToolRuntime.Functions;
using ToolRuntime.Runtime.Egress.Http;
using ToolRuntime.Runtime.Egress.Tls;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Egress;

/// <summary>
/// One connection out of a sandbox: 1 what is asked for is judged, with the addresses that its name has now; 2 one of those addresses is
/// connected to; 3 the agent is answered; 4 the bytes go, read where the host's rules are about requests; 5 the decision is written down.
/// </summary>
internal sealed class EgressConnection : IDisposable
{
    private readonly EgressProxy _proxy;
    private readonly EgressServices _services;
    private readonly HalfClosableStream _stream;
    private readonly CancellationTokenSource _ending;
    private readonly CancellationTokenSource _idle;
    private readonly DateTimeOffset _began;
    private readonly MeteredStream _guest;
    private readonly BufferedInput _input;
    private readonly EgressRequest _request;
    private volatile EgressTarget? _target;
    private volatile IPAddress? _peer;
    private volatile string? _cut;
    private bool _isRead;
    private bool _isAnswered;

    /// <summary>A connection on a stream that the agent has opened; <paramref name="ending"/> is its own from here on.</summary>
    public EgressConnection(EgressProxy proxy, EgressRequest request, HalfClosableStream stream, CancellationTokenSource ending)
    {
        (_proxy, _services, _request, _stream, _ending) = (proxy, proxy.Services, request, stream, ending);
        _began = _services.Time.GetUtcNow();
        _idle = new CancellationTokenSource(_services.Idle, _services.Time);
        _idle.Token.UnsafeRegister(static state => ((EgressConnection)state!).Cut("nothing went over it for too long"), this);
        _guest = new MeteredStream(stream, proxy.Budget, () => proxy.Policy, () => _idle.CancelAfter(_services.Idle));
        _input = new BufferedInput(_guest);
    }

    /// <summary>Cuts it where a policy does not allow it as it is.</summary>
    public void Recheck(EgressPolicy policy)
    {
        if (_target is { } target && _peer is { } peer && _cut is null)
        {
            var verdict = policy.Decide(target, [peer]);
            if (!verdict.IsAllowed)
            {
                Cut($"cut by new rules: {verdict.Reason}");
            }
            else if (policy.Reads(target.Host, target.Port) && !_isRead)
            {
                Cut($"cut by new rules: requests to {target.Host.Text} are to be read now");
            }
        }
    }

    /// <summary>Serves it to its end.</summary>
    public async Task RunAsync(bool isOneTooMany)
    {
        var (isAllowed, reason) = (false, "");
        try
        {
            reason = await ServeAsync(_request, isOneTooMany, _ending.Token);
            isAllowed = true;
        }
        catch (EgressFailedException failed)
        {
            (isAllowed, reason) = (!failed.IsDenied, failed.Message);
            await RefuseAsync(failed);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or OperationCanceledException or AuthenticationException or InvalidDataException or InvalidOperationException)
        {
            (isAllowed, reason) = (_isAnswered && _cut is null, _cut ?? (_isAnswered ? "it broke off" : "it ended before it was answered"));
        }

        Write(isAllowed && _cut is null, _cut ?? reason);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _idle.Dispose();
        _ending.Dispose();
    }

    private void Cut(string reason)
    {
        _cut ??= reason;
        try
        {
            _ending.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in the same moment.
        }
    }

    private async Task<string> ServeAsync(EgressRequest request, bool isOneTooMany, CancellationToken cancellationToken)
    {
        if (isOneTooMany)
        {
            throw new EgressFailedException($"the sandbox has {EgressProxy.MostConnections} connections open, the most that it may");
        }

        var host = EgressHost.Parse(request.Host) ?? throw Denied($"'{request.Host}' is no host");
        var target = new EgressTarget(host, request.Port, request.Method, request.Path);
        _target = target;
        var policy = _proxy.Policy;
        var verdict = policy.Foresee(target) ?? policy.Decide(target, await _services.Names.ResolveAsync(host, cancellationToken)); // 1
        if (!verdict.IsAllowed)
        {
            throw Denied(verdict.Reason);
        }

        using var socket = await _services.Dialer.ConnectAsync(host, verdict.Addresses, request.Port, cancellationToken); // 2
        _isRead = request.Kind == EgressKind.Http || policy.Reads(host, request.Port);
        _peer = AddressRanges.Plain(((IPEndPoint)socket.RemoteEndPoint!).Address);
        Recheck(_proxy.Policy);
        cancellationToken.ThrowIfCancellationRequested();
        await AgentExchange.ReplyAsync(_stream, AgentReply.Done, cancellationToken); // 3
        _isAnswered = true;
        await CarryAsync(request.Kind, target, socket, cancellationToken); // 4
        return verdict.Reason;
    }

    private async Task CarryAsync(string kind, EgressTarget target, Socket socket, CancellationToken cancellationToken)
    {
        if (!_isRead)
        {
            await Tunnel.RunAsync((_input, _guest), _stream.Finish, socket, name => CheckName(target, name), cancellationToken);
            return;
        }

        await using var server = new NetworkStream(socket, ownsSocket: false);
        var (isTls, name) = kind == EgressKind.Http ? (false, null) : await PeekAsync(cancellationToken);
        if (isTls)
        {
            CheckName(target, name);
            await CarryTlsAsync(target, server, cancellationToken);
        }
        else
        {
            await ExchangeAsync(target, defaultPort: 80, (_input, _guest), () => ValueTask.FromResult<Stream>(server), cancellationToken);
        }

        _stream.Finish();
    }

    private async ValueTask<(bool IsTls, string? Name)> PeekAsync(CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(_services.Time, _services.Patience, cancellationToken);
        return await Tunnel.PeekAsync(_input, deadline.Token);
    }

    private async Task CarryTlsAsync(EgressTarget target, NetworkStream server, CancellationToken cancellationToken)
    {
        SslStream guest;
        Task<SslStream> connecting;
        using (var deadline = new Deadline(_services.Time, _services.Patience, cancellationToken))
        {
            (guest, connecting) = await TlsRelay.OpenAsync(_services.Tls, target.Host, (_input, _guest), server, deadline.Token);
            await connecting.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        await using (guest)
        {
            try
            {
                await ExchangeAsync(target, defaultPort: 443, (new BufferedInput(guest), guest), async () => await connecting, cancellationToken);
            }
            finally
            {
                if (connecting.IsCompletedSuccessfully)
                {
                    await (await connecting).DisposeAsync();
                }
            }

            await guest.ShutdownAsync();
        }
    }

    private Task ExchangeAsync(EgressTarget target, int defaultPort, (BufferedInput Input, Stream Output) guest, Func<ValueTask<Stream>> connect, CancellationToken cancellationToken)
    {
        var host = target.Host.Address is { AddressFamily: AddressFamily.InterNetworkV6 } ? $"[{target.Host.Text}]" : target.Host.Text;
        var authority = target.Port == defaultPort ? host : $"{host}:{target.Port}";
        return new HttpExchange(authority, AdmitAsync, _services.Patience, _services.Time).RunAsync(guest.Input, guest.Output, connect, cancellationToken);
    }

    /// <summary>Judges a request that has been read; the server's address stays the one that was connected to.</summary>
    private async ValueTask<IReadOnlyDictionary<string, string>> AdmitAsync(RequestHead head, CancellationToken cancellationToken)
    {
        var target = _target! with { Method = head.Method, Path = head.Target };
        _target = target;
        var verdict = _proxy.Policy.Decide(target, [_peer!]);
        return verdict.IsAllowed
            ? await _services.Secrets.FillAsync(_proxy.Tenant, verdict.Headers, cancellationToken)
            : throw Denied(verdict.Reason);
    }

    /// <summary>The name that TLS begins with must be the one that was asked for; at an address it must not be one that rules are about.</summary>
    private void CheckName(EgressTarget target, string? name)
    {
        if (name is null)
        {
            return;
        }

        var said = EgressHost.Parse(name);
        if (target.Host.Address is null ? said?.Text != target.Host.Text : said is null || _proxy.Policy.Guards(said, target.Port))
        {
            throw Denied($"TLS asks for {(name.Length > 255 ? name[..255] : name)} on a connection to {target.Host.Text}");
        }
    }

    private async Task RefuseAsync(EgressFailedException failed)
    {
        try
        {
            if (!_isAnswered)
            {
                var reply = new AgentReply { Ok = false, Code = failed.IsDenied ? AgentErrorCode.Denied : AgentErrorCode.NotFound, Message = failed.Message };
                await AgentExchange.ReplyAsync(_stream, reply, _ending.Token);
            }

            _stream.Finish();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // Whoever asked is gone; the decision is written all the same.
            return;
        }
    }

    private void Write(bool isAllowed, string reason)
    {
        _proxy.Log.Add(new EgressDecision(_began, _request.Kind, _request.Host, _request.Port, isAllowed, reason) // 5
        {
            Method = _target?.Method,
            Path = _target?.Path is { } path ? PathRule.WithoutQuery(path) : null,
            BytesOut = _guest.BytesOut,
            BytesIn = _guest.BytesIn,
        });
    }

    private static EgressFailedException Denied(string reason) => new(reason) { IsDenied = true, Status = 403 };
}
