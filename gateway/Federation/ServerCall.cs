using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Federation.Upstream;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation;

/// <summary>
/// A request to an MCP server as a call: notifications and questions are events, the raw result is <c>{"mcp": result}</c>, a raw error
/// <c>{"mcpError": error}</c>. At most <see cref="MaximumEvents"/> events wait; a server that sends more than its client reads loses
/// notifications, never the answer.
/// </summary>
internal sealed class ServerCall : ICall, IServerReply
{
    private const int MaximumEvents = 4096;
    private const int MaximumRounds = 64;

    private readonly CallRecord _record;
    private readonly ServerConnection _connection;
    private readonly CancellationTokenSource _deadline;
    private readonly Channel<InvocationEvent> _events = Channel.CreateBounded<InvocationEvent>(new BoundedChannelOptions(MaximumEvents) { AllowSynchronousContinuations = true });
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _questions = new(StringComparer.Ordinal);

    // Who waits goes on where the answer was read: what follows is short, and another thread would cost more than it.
    private readonly TaskCompletionSource<InvocationEvent> _last = new();
    private ServerRequest _sent;
    private ServerQuestions? _wants;
    private int _rounds;
    private long _request;
    private ulong _sequence;
    private TopicEvent? _asked;

    // Once, also where whoever waits for it leaves and comes back.
    private Task? _recorded;
    private bool _asksAgain;

    // Its client may come back with an answer before the request that brought the question is done with the call: the last one ends it.
    private int _holders = 1;

    public ServerCall(CallRecord record, ServerConnection connection, (Invocation Invocation, ToolRoute Route) accepted, TimeProvider time)
    {
        (_record, _connection) = (record, connection);
        (Invocation, Route) = accepted;
        var left = Invocation.Deadline - time.GetUtcNow();
        _deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
    }

    public Invocation Invocation { get; }

    public ToolRoute Route { get; }

    /// <summary>Hears when it begins to wait for its client and when that is over.</summary>
    public required Action<ServerCall> AsksChanged { get; init; }

    /// <summary>Whether the server goes on where a question of its is refused: those before 2026-07-28 do.</summary>
    public bool OutlivesRefusal => !_connection.IsModern;

    /// <summary>Ends what was made for this call alone; null for nothing.</summary>
    public Func<ValueTask>? Ended { get; init; }

    /// <summary>Whether it waits for its client, which may come back for it.</summary>
    public bool IsAsking => !_questions.IsEmpty && !_last.Task.IsCompleted;

    public async ValueTask SendAsync(ServerRequest request, CancellationToken cancellationToken)
    {
        _sent = request;
        if (request.Method is "resources/subscribe" or "resources/unsubscribe")
        {
            await SubscribeAsync(request.Method, request.Name ?? "", cancellationToken);
            return;
        }

        _request = await _connection.SendAsync(request, this, cancellationToken);
    }

    /// <summary>Goes on after <paramref name="sequence"/>: an open question that the client did not see answered comes again.</summary>
    public void Rejoin(ulong sequence)
    {
        Interlocked.Increment(ref _holders);
        _asksAgain = _asked is { } asked && asked.Sequence > sequence;
    }

    public async ValueTask<TopicEvent> NextAsync(CancellationToken cancellationToken)
    {
        if (_asksAgain)
        {
            _asksAgain = false;
            return _asked!.Value;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _deadline.Token);
        try
        {
            if (await _events.Reader.WaitToReadAsync(either.Token) && _events.Reader.TryRead(out var item))
            {
                var numbered = new TopicEvent(Invocation.Id, ++_sequence, item);
                _asked = item.Kind == EventKind.InputRequired ? numbered : _asked;
                return numbered;
            }

            return await EndAsync(await _last.Task.WaitAsync(either.Token), cancellationToken);
        }
        catch (OperationCanceledException) when (_deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await CancelAsync(cancellationToken);
            return await EndAsync(Fault(FaultCode.DeadlineExceeded, $"'{Invocation.Tool}' did not end within {(Invocation.Deadline - Invocation.AcceptedAt).TotalSeconds:0.#} s"), cancellationToken);
        }
    }

    public async ValueTask CancelAsync(CancellationToken cancellationToken)
    {
        if (_last.TrySetResult(Fault(FaultCode.Cancelled, "the caller cancelled")))
        {
            _events.Writer.TryComplete();
            await _connection.CancelAsync(_request, cancellationToken);
        }
    }

    public async ValueTask AnswerAsync(ReadOnlyMemory<byte> responses, CancellationToken cancellationToken)
    {
        foreach (var (id, response) in RawJson.Members(RawJson.Member(responses, "responses"u8)))
        {
            if (_wants is { } wants && wants.Ids.Contains(id, StringComparer.Ordinal))
            {
                await TakeAnswerAsync(wants, id, response, cancellationToken);
            }
            else if (_questions.TryRemove(id, out var question))
            {
                await _connection.RespondAsync(question, response, cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Decrement(ref _holders) == 0 && !IsAsking)
        {
            _deadline.Dispose();
            if (!_last.Task.IsCompleted)
            {
                await CancelAsync(CancellationToken.None);
            }

            if (Ended is not null)
            {
                await Ended();
            }
        }
    }

    public void Answered(ReadOnlyMemory<byte> result, ReadOnlyMemory<byte> error)
    {
        if (error.IsEmpty && ServerQuestions.Asks(result))
        {
            Ask(new ServerQuestions(result));
            return;
        }

        using var buffer = new ReplyBuffer();
        buffer.Raw(error.IsEmpty ? "{\"mcp\":"u8 : "{\"mcpError\":"u8).Raw(error.IsEmpty ? result.Span : error.Span).Raw("}"u8);
        _last.TrySetResult(new InvocationEvent(EventKind.Completed, buffer.Written.ToArray()));
        _events.Writer.TryComplete();
    }

    public void Notified(string method, ReadOnlyMemory<byte> parameters)
    {
        if (method == "notifications/progress")
        {
            _events.Writer.TryWrite(new InvocationEvent(EventKind.Progress, parameters));
            return;
        }

        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"method\":"u8).Text(method).Raw(",\"params\":"u8).Raw(parameters.IsEmpty ? "{}"u8 : parameters.Span).Raw("}"u8);
        _events.Writer.TryWrite(new InvocationEvent(EventKind.Notification, buffer.Written.ToArray()));
    }

    public async ValueTask AskedAsync(ReadOnlyMemory<byte> id, string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellationToken)
    {
        if ((Invocation.Options & InvocationOptions.CanAsk) == 0)
        {
            await _connection.RespondAsync(id, "{\"error\":{\"code\":-32601,\"message\":\"this client cannot be asked\"}}"u8.ToArray(), cancellationToken);
            return;
        }

        var key = $"q{Convert.ToHexStringLower(id.Span)}";
        _questions[key] = id;
        AsksChanged(this);
        using var buffer = new ReplyBuffer();
        buffer.Raw("{\"requests\":{"u8).Text(key).Raw(":{\"method\":"u8).Text(method).Raw(",\"params\":"u8);
        buffer.Raw(parameters.IsEmpty ? "{}"u8 : parameters.Span).Raw("}}}"u8);
        _events.Writer.TryWrite(new InvocationEvent(EventKind.InputRequired, buffer.Written.ToArray()));
    }

    public void Lost(UpstreamFailure? failure) => End(failure is null
        ? Fault(FaultCode.SandboxLost, $"the MCP server '{Invocation.Function}' ended before it answered")
        : Fault(failure.Fault));

    /// <summary>A server of 2026-07-28 ends its answer with questions; the request is sent again with the answers.</summary>
    private void Ask(ServerQuestions wants)
    {
        if ((Invocation.Options & InvocationOptions.CanAsk) == 0 || wants.Ids.Count == 0 || ++_rounds > MaximumRounds)
        {
            End(Fault(FaultCode.InvalidArguments, $"'{Invocation.Tool}' asks its caller, who cannot be asked"));
            return;
        }

        _wants = wants;
        foreach (var id in wants.Ids)
        {
            _questions[id] = default;
        }

        AsksChanged(this);
        _events.Writer.TryWrite(new InvocationEvent(EventKind.InputRequired, wants.Write()));
    }

    private async ValueTask TakeAnswerAsync(ServerQuestions wants, string id, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken)
    {
        _questions.TryRemove(id, out _);
        if (!wants.Answer(id, answer))
        {
            return;
        }

        _wants = null;
        if (wants.IsRefused)
        {
            End(Fault(FaultCode.InvalidArguments, $"'{Invocation.Tool}' asks its caller for what the caller's client did not declare"));
            return;
        }

        _request = await _connection.SendAsync(_sent with { Parameters = wants.Retry(_sent.Parameters) }, this, cancellationToken);
    }

    /// <summary>The connection counts who wants what, in either era of the server.</summary>
    private async Task SubscribeAsync(string method, string uri, CancellationToken cancellationToken)
    {
        try
        {
            await (method == "resources/subscribe" ? _connection.Resources.AddAsync(uri, cancellationToken) : _connection.Resources.RemoveAsync(uri, cancellationToken));
            Answered("{}"u8.ToArray(), default);
        }
        catch (FunctionFaultException refused)
        {
            using var buffer = new ReplyBuffer();
            Answered(default, buffer.Raw("{\"code\":-32602,\"message\":"u8).Text(refused.Fault.Message).Raw("}"u8).Written.ToArray());
        }
    }

    private void End(InvocationEvent last)
    {
        _last.TrySetResult(last);
        _events.Writer.TryComplete();
    }

    private static InvocationEvent Fault(FaultCode code, string message) => Fault(new FunctionFault(code, message));

    private static InvocationEvent Fault(FunctionFault fault) => new(EventKind.Failed, JsonSerializer.SerializeToUtf8Bytes(fault, FunctionsJson.Default.FunctionFault));

    private async ValueTask<TopicEvent> EndAsync(InvocationEvent last, CancellationToken cancellationToken)
    {
        AsksChanged(this);
        FaultCode? fault = last.Kind == EventKind.Failed ? FaultMapping.Read(last).Code : null;
        await (_recorded ??= _record.EndedAsync(Invocation, fault, last.Data.Length, CancellationToken.None).AsTask()).WaitAsync(cancellationToken);
        return new TopicEvent(Invocation.Id, ++_sequence, last);
    }
}
