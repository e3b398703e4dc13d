using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Workers;

/// <summary>
/// The host's end of a worker's stream (docs/PROTOCOL.md section 2): many calls at once, one reader, gathered writes. What is not the
/// protocol ends the connection; its calls are then lost, and the sandbox's owner finds out why.
/// </summary>
internal sealed class WorkerConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly WorkerWriter _writer;
    private readonly WorkerFrameHandler _onWorkerFrame;
    private readonly CancellationTokenSource _closing = new();
    private readonly Dictionary<uint, WorkerCall> _calls = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource<LoadedFunction>? _load;
    private string _entry = "";
    private uint _lastCall;
    private string? _end;

    private WorkerConnection(Stream stream, WorkerFrameHandler onWorkerFrame)
    {
        _stream = stream;
        _writer = new WorkerWriter(stream);
        _onWorkerFrame = onWorkerFrame;
        Ended = Task.CompletedTask.ContinueWith(_ => ReadAsync(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
    }

    /// <summary>Ends with the stream, with the reason; never faults.</summary>
    public Task<string> Ended { get; }

    /// <summary>Begins to read <paramref name="stream"/>, whose READY has been read. <paramref name="onWorkerFrame"/> gets what belongs to no call.</summary>
    public static WorkerConnection Start(Stream stream, WorkerFrameHandler onWorkerFrame) => new(stream, onWorkerFrame);

    /// <summary>Loads the function's code; once per worker.</summary>
    /// <exception cref="FunctionFaultException">LoadFailed with the worker's words, or WorkerLost when it ended meanwhile.</exception>
    public async Task<LoadedFunction> LoadAsync(LoadRequest request, CancellationToken cancellationToken)
    {
        var load = new TaskCompletionSource<LoadedFunction>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_end is { } reason)
            {
                throw new FunctionFaultException(FaultCode.WorkerLost, $"the worker ended before the function was loaded: {reason}");
            }

            (_load, _entry) = (load, request.Manifest.Entry);
        }

        _writer.Send(request, HostFrames.Load);
        return await load.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Sends a call. Its answer is <see cref="WorkerAnswer.Lost"/> when the worker has ended already.</summary>
    public WorkerCall StartCall(in CallRequest request, WorkerFrameHandler handler)
    {
        WorkerCall call;
        lock (_gate)
        {
            do
            {
                _lastCall++;
            }
            while (_lastCall == 0 || _calls.ContainsKey(_lastCall));
            call = new WorkerCall(_lastCall, handler);
            if (_end is not null)
            {
                call.Answer(new WorkerOutcome(WorkerAnswer.Lost, default));
                return call;
            }

            _calls.Add(call.Id, call);
        }

        _writer.Send((call.Id, request), static (buffer, s) => HostFrames.Call(buffer, s.Id, s.request));
        return call;
    }

    /// <summary>Asks the user's code to stop.</summary>
    public void Cancel(WorkerCall call, string reason) =>
        _writer.Send((call.Id, reason), static (buffer, s) => HostFrames.Cancel(buffer, s.Id, s.reason));

    /// <summary>Answers a HOST_CALL.</summary>
    public void Reply(uint call, long id, ReadOnlyMemory<byte> result) =>
        _writer.Send((call, id, result), static (buffer, s) => HostFrames.Reply(buffer, s.call, s.id, s.result));

    /// <summary>Fails a HOST_CALL.</summary>
    public void Reply(uint call, long id, FunctionFault fault) =>
        _writer.Send((call, id, fault), static (buffer, s) => HostFrames.Reply(buffer, s.call, s.id, s.fault));

    /// <summary>Stops reading; calls that are still open are lost.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await Ended;
        await _stream.DisposeAsync();
        _closing.Dispose();
    }

    private async Task<string> ReadAsync()
    {
        string reason;
        using var reader = new WorkerFrameReader(_stream);
        try
        {
            while (await reader.NextAsync(_closing.Token) is { } frame)
            {
                await DispatchAsync(frame);
            }

            reason = "its process ended";
        }
        catch (OperationCanceledException)
        {
            reason = "the host closed it";
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ObjectDisposedException or InvalidOperationException)
        {
            reason = error.Message;
        }

        Lose(reason);
        return reason;
    }

    private ValueTask DispatchAsync(WorkerFrame frame)
    {
        switch (frame.Type)
        {
            case WorkerFrameType.Ready:
                return ValueTask.CompletedTask;
            case WorkerFrameType.Loaded:
            case WorkerFrameType.LoadFailed:
                LoadedFunction.Answer(_load ?? throw new InvalidDataException("LOADED without LOAD"), _entry, frame);
                return ValueTask.CompletedTask;
            case WorkerFrameType.Result:
            case WorkerFrameType.Error:
                Remove(frame.Call)?.Answer(new WorkerOutcome(frame.Type == WorkerFrameType.Result ? WorkerAnswer.Result : WorkerAnswer.Error, frame.Payload.ToArray()));
                return ValueTask.CompletedTask;
            default:
                return frame.Call == 0 ? _onWorkerFrame(frame) : Find(frame.Call)?.Handler(frame) ?? ValueTask.CompletedTask;
        }
    }

    private WorkerCall? Find(uint id)
    {
        lock (_gate)
        {
            return _calls.GetValueOrDefault(id);
        }
    }

    private WorkerCall? Remove(uint id)
    {
        lock (_gate)
        {
            return _calls.Remove(id, out var call) ? call : null;
        }
    }

    private void Lose(string reason)
    {
        WorkerCall[] lost;
        lock (_gate)
        {
            _end = reason;
            lost = [.. _calls.Values];
            _calls.Clear();
        }

        _load?.TrySetException(new FunctionFaultException(FaultCode.WorkerLost, $"the worker ended while it loaded the function: {reason}"));
        foreach (var call in lost)
        {
            call.Answer(new WorkerOutcome(WorkerAnswer.Lost, default));
        }
    }
}
