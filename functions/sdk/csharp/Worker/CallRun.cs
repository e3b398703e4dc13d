using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sdk.Protocol;
using ToolRuntime.Sdk.Scripts;

namespace ToolRuntime.Sdk.Worker;

/// <summary>One call from its CALL to its one RESULT or ERROR.</summary>
internal sealed class CallRun(WorkerServer server, LoadedScript script, Frame frame, CallHead head, int argumentsAt) : IThreadPoolWorkItem, IDisposable
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);
    private readonly CallContext _context = new(frame.Call, head, server.Channel, server.Host, script.Request.OutputBytes);
    private int _answered;
    private volatile bool _suspended;

    /// <summary>The call's number.</summary>
    public uint Number => frame.Call;

    /// <summary>Runs on a thread of the pool.</summary>
    public void Execute() => _ = RunAsync();

    /// <summary>Reaches the user's code. An async method that waits and does not listen is given up after a second; what blocks a thread is the host's to kill.</summary>
    public void Cancel(string reason)
    {
        _context.Cancel(reason);
        _ = GiveUpAsync();
    }

    /// <summary>Runs it to its answer.</summary>
    public async Task RunAsync()
    {
        Context.Ambient = _context;
        try
        {
            await script.Slots.WaitAsync(_context.Cancellation);
            try
            {
                await ServeAsync();
            }
            finally
            {
                script.Slots.Release();
            }
        }
        catch (Exception error)
        {
            // The rim of the user's code: whatever it throws is the call's answer.
            Answer(() => Failure(error));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    private async Task GiveUpAsync()
    {
        await Task.Delay(s_grace, TimeProvider.System, CancellationToken.None);
        if (_suspended)
        {
            Answer(() => CancelledFault());
        }
    }

    private async Task ServeAsync()
    {
        if (!script.Tools.TryGetValue(head.Entry, out var tool))
        {
            Answer(() => Fault("LoadFailed", $"the script has no tool {head.Entry}", detail: null));
            return;
        }

        var arguments = tool.Binder.Bind(frame.Payload.AsSpan(argumentsAt), _context);
        var returned = tool.Invoke(arguments);
        switch (tool.Shape.Kind)
        {
            case ResultKind.Pieces or ResultKind.AsyncPieces:
                await StreamAsync(tool, returned);
                break;
            case var _ when tool.Shape.IsTask && returned is not null:
                var task = tool.TaskOf(returned);
                _suspended = !task.IsCompleted;
                await task;
                Answer(() => Result(tool.ResultOf(task), tool.Shape.Type));
                break;
            default:
                Answer(() => Result(returned, tool.Shape.Type));
                break;
        }
    }

    private async Task StreamAsync(ScriptTool tool, object? returned)
    {
        using var pieces = new Pieces(_context, tool.Shape.Type, script.Request.OutputBytes, head.Stream);
        if (tool.Shape.Kind == ResultKind.Pieces)
        {
            foreach (var piece in ScriptTool.PiecesOf(returned!))
            {
                _context.Cancellation.ThrowIfCancellationRequested();
                pieces.Add(piece);
            }
        }
        else
        {
            await foreach (var piece in tool.AsyncPiecesOf(returned!).WithCancellation(_context.Cancellation))
            {
                _context.Cancellation.ThrowIfCancellationRequested();
                pieces.Add(piece);
            }
        }

        Answer(() =>
        {
            var answer = FrameBuilder.Begin(WorkerFrameType.Result, frame.Call);
            answer.Json.WriteStartObject();
            answer.Json.WritePropertyName(tool.Shape.IsContent ? "content"u8 : "value"u8);
            answer.Json.WriteRawValue(pieces.Finish(), skipInputValidation: true);
            answer.Json.WriteEndObject();
            return answer;
        });
    }

    private FrameBuilder Result(object? value, Type declared)
    {
        var answer = FrameBuilder.Begin(WorkerFrameType.Result, frame.Call);
        var json = answer.Json;
        json.WriteStartObject();
        if (value is Content or IEnumerable<Content>)
        {
            json.WritePropertyName("content"u8);
            Results.TryWriteContent(json, value);
        }
        else
        {
            json.WritePropertyName("value"u8);
            Results.WriteValue(json, value, value is null || declared == typeof(object) || declared == typeof(void) ? value?.GetType() ?? typeof(object) : declared);
        }

        json.WriteEndObject();
        json.Flush();
        return answer.PayloadLength <= WorkerFrameHeader.MaximumPayload
            ? answer
            : Fault("OutputTooLarge", $"the result has {answer.PayloadLength} bytes, at most {WorkerFrameHeader.MaximumPayload} are carried", detail: null);
    }

    private FrameBuilder Failure(Exception error)
    {
        var thrown = Faults.Unwrap(error);
        if (_context.IsCancelled && thrown is OperationCanceledException)
        {
            return CancelledFault();
        }

        return thrown switch
        {
            BindingException => Fault("InvalidArguments", thrown.Message, detail: null),
            NotJsonException => Fault("FunctionThrew", $"the result of {head.Tool} is not JSON: {thrown.Message}", detail: null),
            TooLargeException => Fault("OutputTooLarge", thrown.Message, detail: null),
            _ => Thrown(thrown),
        };
    }

    private FrameBuilder Thrown(Exception thrown)
    {
        var (line, detail) = Faults.Trace(thrown, script.Request.Root, script.Request.Entry);
        var place = line is { } number ? $" ({script.Request.Entry}:{number})" : "";
        return Fault("FunctionThrew", Faults.Describe(thrown) + place, detail);
    }

    private FrameBuilder CancelledFault() => _context.IsDeadline
        ? Fault("DeadlineExceeded", $"the deadline of the call of {head.Tool} passed", detail: null)
        : Fault("Cancelled", $"the call of {head.Tool} was cancelled", detail: null);

    private FrameBuilder Fault(string code, string message, string? detail)
    {
        var answer = FrameBuilder.Begin(WorkerFrameType.Error, frame.Call);
        answer.Json.WriteStartObject();
        answer.Json.WriteString("code"u8, code);
        answer.Json.WriteString("message"u8, Faults.Cut(message, Faults.MaximumMessage));
        if (!string.IsNullOrEmpty(detail))
        {
            answer.Json.WriteString("detail"u8, detail);
        }

        answer.Json.WriteEndObject();
        return answer;
    }

    /// <summary>Sends the one answer, unless the call was given up meanwhile.</summary>
    private void Answer(Func<FrameBuilder> make)
    {
        if (Volatile.Read(ref _answered) != 0)
        {
            return;
        }

        var answer = Made(make);
        if (Interlocked.Exchange(ref _answered, 1) != 0)
        {
            return;
        }

        _context.Close();
        server.Done(this);
        server.Channel.Send(answer);
    }

    // What cannot be written as JSON is the answer instead.
    private FrameBuilder Made(Func<FrameBuilder> make)
    {
        try
        {
            return make();
        }
        catch (Exception error)
        {
            // The rim of the user's code: a getter or a converter of its types may throw anything.
            return Failure(error);
        }
    }
}
