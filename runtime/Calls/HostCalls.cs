using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Workers;

namespace ToolRuntime.Runtime.Calls;

/// <summary>
/// What a running function asks the host: tools, and its caller. Who asks comes from the runtime's own record of the invocation, never
/// from the guest. Children end with the call.
/// </summary>
internal sealed class HostCalls(Invocation invocation, CallEvents events, CallControl control, KeptCalls kept, MessageBus bus)
{
    private const int MaximumReason = 8192;
    private readonly Dictionary<string, TaskCompletionSource<JsonElement>> _questions = new(StringComparer.Ordinal);
    private int _open;
    private int _asked;

    /// <summary>What the call keeps and remembers.</summary>
    public KeptCalls Kept => kept;

    /// <summary>Takes a HOST_CALL; the answer goes back by itself.</summary>
    /// <exception cref="InvalidDataException">It is not one.</exception>
    public void Take(WorkerFrame frame, WorkerConnection connection)
    {
        HostCall call;
        try
        {
            call = JsonSerializer.Deserialize(frame.Payload.Span, WorkerJson.Default.HostCall) ?? throw new InvalidDataException("HOST_CALL: null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"HOST_CALL: {error.Message}", error);
        }

        _ = AnswerAsync(call, frame.Call, connection);
    }

    /// <summary>Takes answers of the caller, <c>{"responses":{id: response}}</c>.</summary>
    public void OnInput(ControlSignal signal)
    {
        try
        {
            using var document = JsonDocument.Parse(signal.Payload);
            foreach (var response in document.RootElement.GetProperty("responses").EnumerateObject())
            {
                Settle(response.Name)?.TrySetResult(response.Value.Clone());
            }
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // A malformed answer is no answer: the function waits on, at most to its deadline.
            return;
        }
    }

    private async Task AnswerAsync(HostCall call, uint number, WorkerConnection connection)
    {
        try
        {
            if (Interlocked.Increment(ref _open) > ChildCall.MaximumInFlight)
            {
                throw new FunctionFaultException(
                    FaultCode.QuotaExceeded,
                    $"{invocation.Tool}: more than {ChildCall.MaximumInFlight} calls to the host at once (chain: {string.Join(" > ", [.. invocation.Chain, invocation.Tool])})",
                    "await some of them before starting more");
            }

            connection.Reply(number, call.Id, await RunAsync(call));
        }
        catch (FunctionFaultException error)
        {
            connection.Reply(number, call.Id, error.Fault);
        }
        catch (FencedException error)
        {
            control.TryEnd(CallEnd.Fenced);
            connection.Reply(number, call.Id, new FunctionFault(FaultCode.Cancelled, $"{invocation.Tool}: {error.Message}"));
        }
        catch (OperationCanceledException)
        {
            connection.Reply(number, call.Id, new FunctionFault(FaultCode.Cancelled, $"{invocation.Tool}: the call ended"));
        }
        catch (Exception error)
        {
            // The rim of a background task: the function learns that it failed, and goes on.
            connection.Reply(number, call.Id, new FunctionFault(FaultCode.Internal, $"{call.Method}: {error.Message}"));
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private ValueTask<ReadOnlyMemory<byte>> RunAsync(HostCall call) => call.Method switch
    {
        "tools.list" => bus.Requests.RequestAsync(
            ChildToolList.RequestName,
            JsonSerializer.SerializeToUtf8Bytes(new ChildToolList(invocation.Caller), FunctionsJson.Default.ChildToolList),
            control.Token),
        "tools.call" => CallToolAsync(call.Params),
        "elicit" => ElicitAsync(call.Params),
        "ask" => AskAsync(call.Params),
        _ => kept.RunAsync(call, control.Token),
    };

    private async ValueTask<ReadOnlyMemory<byte>> CallToolAsync(JsonElement parameters)
    {
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, "tools.call: params.name must be a string");
        }

        var arguments = parameters.TryGetProperty("arguments", out var given) && given.ValueKind == JsonValueKind.Object
            ? JsonSerializer.SerializeToUtf8Bytes(given)
            : "{}"u8.ToArray();
        var child = new ChildCall
        {
            Id = Ids.New(),
            Parent = invocation.Id,
            Session = invocation.Session,
            SessionIsExplicit = invocation.SessionIsExplicit,
            Caller = invocation.Caller,
            Chain = [.. invocation.Chain, invocation.Tool],
            Deadline = invocation.Deadline,
            TraceParent = invocation.TraceParent,
            TraceState = invocation.TraceState,
            Tool = name.GetString()!,
            Arguments = arguments,
        };
        try
        {
            return Succeeded(child.Tool, await bus.Requests.RequestAsync(ChildCall.RequestName, child.Encode(), control.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or FunctionFaultException { Fault.Code: FaultCode.BusUnavailable })
        {
            // The gateway that ran it is gone, or nobody waits for it any more: what is left of it ends.
            await bus.Control.SignalAsync(new ControlSignal(child.Caller.Tenant, child.Id, ControlKind.Cancel, default), CancellationToken.None);
            throw;
        }
    }

    /// <summary>A result of an MCP server or an API that says itself that it is an error is one for the function too.</summary>
    private static ReadOnlyMemory<byte> Succeeded(string tool, ReadOnlyMemory<byte> result)
    {
        if (result.Span.IndexOf("\"isError\""u8) < 0 || !GuestJson.Member(result, "isError"u8).Span.SequenceEqual("true"u8))
        {
            return result;
        }

        using var blocks = JsonDocument.Parse(GuestJson.Member(result, "content"u8) is { IsEmpty: false } content ? content : "[]"u8.ToArray());
        var text = string.Join('\n', blocks.RootElement.EnumerateArray().Select(b => b.TryGetProperty("text"u8, out var t) ? t.GetString() : null).Where(t => t is not null));
        throw new FunctionFaultException(FaultCode.UpstreamFailed, $"{tool}: {(text.Length == 0 ? "it failed and did not say why" : text.Length <= MaximumReason ? text : text[..MaximumReason] + "…")}");
    }

    private async ValueTask<ReadOnlyMemory<byte>> ElicitAsync(JsonElement parameters)
    {
        var question = new Question($"q{Interlocked.Increment(ref _asked)}", "elicitation/create", parameters);
        return JsonSerializer.SerializeToUtf8Bytes((await AskAsync([question]))[0]);
    }

    private async ValueTask<ReadOnlyMemory<byte>> AskAsync(JsonElement parameters)
    {
        var questions = Question.Read(parameters);
        var answers = await AskAsync(questions);
        var members = questions.Select((question, index) => KeyValuePair.Create(question.Id, JsonNode.Parse(answers[index].GetRawText())));
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject(members));
    }

    private async Task<JsonElement[]> AskAsync(IReadOnlyList<Question> questions)
    {
        if ((invocation.Options & InvocationOptions.CanAsk) == 0)
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, "the caller of this call cannot be asked", "give the value as an argument");
        }

        var answers = Open(questions);
        await events.AskAsync(Question.Write(questions));
        return await Task.WhenAll(answers).WaitAsync(control.Token);
    }

    private Task<JsonElement>[] Open(IReadOnlyList<Question> questions)
    {
        lock (_questions)
        {
            if (questions.FirstOrDefault(q => _questions.ContainsKey(q.Id)) is { } twice)
            {
                throw new FunctionFaultException(FaultCode.InvalidArguments, $"ask: the question {twice.Id} is still open", "give each open question an id of its own");
            }

            return [.. questions.Select(q => (_questions[q.Id] = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task)];
        }
    }

    private TaskCompletionSource<JsonElement>? Settle(string id)
    {
        lock (_questions)
        {
            return _questions.Remove(id, out var question) ? question : null;
        }
    }
}
