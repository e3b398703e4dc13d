using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Federation.Upstream;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation;

/// <summary>One MCP server, spoken to as its client, whatever the way to it. What it knows of this client lives as long as the connection.</summary>
internal sealed class ServerConnection : IAsyncDisposable
{
    private readonly IServerTransport _transport;
    private readonly ConcurrentDictionary<long, IServerReply> _waiting = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly Action<ServerConnection, ServerNote> _announce;
    private long _id;
    private int _changes;
    private Task _reading = Task.CompletedTask;

    private ServerConnection(IServerTransport transport, Action<ServerConnection, ServerNote> announce)
    {
        (_transport, _announce) = (transport, announce);
        Resources = new ServerResources(this);
    }

    /// <summary>Ends when the server's end is gone.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>Raw capabilities of the server.</summary>
    public ReadOnlyMemory<byte> Capabilities { get; private set; }

    /// <summary>The revision that is spoken; empty before the handshake.</summary>
    public string Revision { get; private set; } = "";

    /// <summary>Whether 2026-07-28 is spoken.</summary>
    public bool IsModern { get; private set; }

    /// <summary>Resources whose updates are wanted.</summary>
    public ServerResources Resources { get; }

    /// <summary>How often the tools changed since somebody began to look at them.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>Requests that wait for their answers, but for those that only listen.</summary>
    public int Waiting => _waiting.Count(w => w.Value is not ListenReply);

    /// <summary>Timestamp of the last request.</summary>
    public long LastUsed { get; set; }

    /// <summary>Takes a way to a server, which it owns, and begins to read. The handshake is the caller's.</summary>
    /// <param name="transport">The way.</param>
    /// <param name="announce">Hears what belongs to no request. It must not block.</param>
    public static ServerConnection Start(IServerTransport transport, Action<ServerConnection, ServerNote> announce)
    {
        var connection = new ServerConnection(transport, announce);
        connection._reading = Task.Run(connection.ReadAsync, CancellationToken.None);
        return connection;
    }

    /// <summary>Whether the server has the capability <paramref name="name"/>.</summary>
    public bool Has(ReadOnlySpan<byte> name) => RawJson.IsObject(RawJson.Member(Capabilities, name));

    /// <summary>The tools changed; true where nobody looks at them yet, who would look again.</summary>
    public bool Change() => Interlocked.Increment(ref _changes) == 1;

    /// <summary>Whoever looks has seen them as they were after so many changes; true when there were no more, and the look is over.</summary>
    public bool Saw(int changes) => Interlocked.CompareExchange(ref _changes, 0, changes) == changes;

    /// <summary>Takes note of what client and server agreed on.</summary>
    public void Agree(string revision, bool isModern, ReadOnlyMemory<byte> capabilities)
    {
        (Revision, IsModern, Capabilities) = (revision, isModern, capabilities);
        _transport.Agree(revision);
    }

    /// <summary>Asks and waits for the result.</summary>
    /// <exception cref="FunctionFaultException">The server refuses or is gone.</exception>
    public async Task<ReadOnlyMemory<byte>> AskAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellationToken)
    {
        var answer = await TryAskAsync(method, parameters, cancellationToken);
        return answer.IsResult ? answer.Result : throw new FunctionFaultException(answer.Reason.Fault);
    }

    /// <summary>Asks and waits for whatever comes of it.</summary>
    public async Task<ServerAnswer> TryAskAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellationToken)
    {
        var reply = new AskedReply();
        var id = Register(reply);
        try
        {
            var body = ServerMessages.Request(id, method, IsModern ? ServerMessages.Modern(parameters) : parameters);
            await _transport.SendAsync(new OutgoingMessage(body, method, id), cancellationToken);
            return await reply.Answer.WaitAsync(cancellationToken);
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    /// <summary>Sends a request whose answer, and all that precedes it, goes to <paramref name="reply"/>; returns its id.</summary>
    public async ValueTask<long> SendAsync(ServerRequest request, IServerReply reply, CancellationToken cancellationToken)
    {
        var id = Register(reply);
        var message = new OutgoingMessage(ServerMessages.Write(id, request, IsModern), request.Method, id) { Name = request.Name, Parameters = request.Mirrored };
        try
        {
            await _transport.SendAsync(message, cancellationToken);
        }
        catch
        {
            _waiting.TryRemove(id, out _);
            throw;
        }

        return id;
    }

    /// <summary>Opens a subscription at a server of 2026-07-28; returns the id by which it is cancelled.</summary>
    /// <exception cref="FunctionFaultException">The server refuses or is gone.</exception>
    public Task<long> ListenAsync(ReadOnlyMemory<byte> parameters, CancellationToken cancellationToken) => ListenAsync(parameters, null, cancellationToken);

    /// <summary>Opens a subscription to the server's lists; when it ends, those who hear notes hear of that.</summary>
    /// <exception cref="FunctionFaultException">The server refuses or is gone.</exception>
    public Task<long> ListenToListsAsync(CancellationToken cancellationToken) =>
        ListenAsync(ServerMessages.ListenToLists, () => _announce(this, new ServerNote(ServerNote.ListsUnheard, default)), cancellationToken);

    private async Task<long> ListenAsync(ReadOnlyMemory<byte> parameters, Action? ended, CancellationToken cancellationToken)
    {
        var reply = new ListenReply(ended);
        var id = await SendAsync(new ServerRequest("subscriptions/listen", parameters), reply, cancellationToken);
        try
        {
            await reply.Open.WaitAsync(cancellationToken);
            return id;
        }
        catch
        {
            _waiting.TryRemove(id, out _);
            throw;
        }
    }

    /// <summary>Tells the server that nobody waits for a request any more.</summary>
    public async ValueTask CancelAsync(long id, CancellationToken cancellationToken)
    {
        if (_waiting.TryRemove(id, out _))
        {
            await _transport.CancelAsync(id, cancellationToken);
        }
    }

    /// <summary>Answers a request of the server.</summary>
    public ValueTask RespondAsync(ReadOnlyMemory<byte> id, ReadOnlyMemory<byte> result, CancellationToken cancellationToken) =>
        _transport.SendAsync(new OutgoingMessage(ServerMessages.Response(id, result), null, 0), cancellationToken);

    /// <summary>Tells the server something that asks for no answer.</summary>
    public ValueTask TellAsync(ReadOnlyMemory<byte> message, string method, CancellationToken cancellationToken) =>
        _transport.SendAsync(new OutgoingMessage(message, method, 0), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _transport.DisposeAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closed.Dispose();
        Resources.Dispose();
    }

    private long Register(IServerReply reply)
    {
        var id = Interlocked.Increment(ref _id);
        _waiting[id] = reply;
        return id;
    }

    private async Task ReadAsync()
    {
        UpstreamFailure? why = null;
        try
        {
            await _transport.RunAsync(new ServerInbox(TakeAsync, Fail, _waiting.ContainsKey, () => _ = RenewAsync()), _closed.Token);
        }
        catch (FunctionFaultException failed)
        {
            why = new UpstreamFailure(failed.Fault);
        }
        catch (Exception)
        {
            // The rim of the reading loop: whatever ended it, everyone who waits must hear of it below.
        }

        if (!_closed.IsCancellationRequested)
        {
            await _closed.CancelAsync();
        }

        foreach (var id in _waiting.Keys)
        {
            Fail(id, why);
        }
    }

    private void Fail(long id, UpstreamFailure? failure)
    {
        if (_waiting.TryRemove(id, out var reply))
        {
            reply.Lost(failure);
        }
    }

    /// <summary>Takes one message, or several: clients of 2025-03-26 must take batches.</summary>
    private async ValueTask TakeAsync(byte[] line, long stream)
    {
        if (line.AsSpan().TrimStart(" \t\r\n"u8) is not [(byte)'[', ..])
        {
            await TakeAsync(RpcMessage.Read(line), stream);
            return;
        }

        foreach (var item in RawJson.Items(line))
        {
            await TakeAsync(RpcMessage.Read(item), stream);
        }
    }

    /// <summary>Takes one message; <paramref name="stream"/> is the request on whose answer's stream it came, or 0.</summary>
    private async ValueTask TakeAsync(RpcMessage message, long stream)
    {
        if (message.IsAnswer)
        {
            if (long.TryParse(message.Id.Span, out var number) && _waiting.TryRemove(number, out var answered))
            {
                answered.Answered(message.Result, message.Error);
            }
        }
        else if (message.Method is not { } method)
        {
            return;
        }
        else if (message.Id.IsEmpty)
        {
            Hear(method, message.Params, stream);
        }
        else if (method == "ping")
        {
            await RespondAsync(message.Id, "{}"u8.ToArray(), _closed.Token);
        }
        else if (Asked(stream) is { } asked)
        {
            await asked.AskedAsync(message.Id, method, message.Params, _closed.Token);
        }
        else
        {
            await RespondAsync(message.Id, Encoding.UTF8.GetBytes("""{"error":{"code":-32601,"message":"no call is under way that could be asked"}}"""), _closed.Token);
        }
    }

    private void Hear(string method, ReadOnlyMemory<byte> parameters, long stream)
    {
        if (ServerNote.IsOfServer(method))
        {
            _announce(this, new ServerNote(method, ServerMessages.WithoutMeta(parameters)));
        }
        else if (method == "notifications/subscriptions/acknowledged")
        {
            var subscription = RawJson.Member(RawJson.Member(parameters, "_meta"u8), "io.modelcontextprotocol/subscriptionId"u8);
            if (long.TryParse(subscription.Span, out var id) && _waiting.GetValueOrDefault(id) is ListenReply listening)
            {
                listening.Acknowledged();
            }
        }
        else if (Addressee(method, parameters, stream) is { } waiting)
        {
            waiting.Notified(method, parameters);
        }
        else if (ServerNote.IsOfSession(method))
        {
            _announce(this, new ServerNote(method, parameters));
        }
    }

    private IServerReply? Addressee(string method, ReadOnlyMemory<byte> parameters, long stream) =>
        method == "notifications/progress" && long.TryParse(RawJson.Member(parameters, "progressToken"u8).Span, out var token)
            ? _waiting.GetValueOrDefault(token)
            : Asked(stream);

    /// <summary>Where the way does not say for which request a server asks or logs, as over stdio, the newest one is the best guess.</summary>
    private IServerReply? Asked(long stream) => _waiting.GetValueOrDefault(stream)
        ?? _waiting.Where(w => w.Value is not ListenReply and not AskedReply).OrderByDescending(w => w.Key).Select(w => w.Value).FirstOrDefault();

    /// <summary>The server has forgotten what this client said at the beginning: it is said again.</summary>
    private async Task RenewAsync()
    {
        try
        {
            await ServerHandshake.WantLogsAsync(this, _closed.Token);
            await Resources.RenewAsync(_closed.Token);
        }
        catch (Exception error) when (error is FunctionFaultException or OperationCanceledException or JsonException or IOException or ObjectDisposedException)
        {
            // What cannot be said again is missed until the client asks again; calls go on.
            return;
        }
    }
}
