using System.Text.Json;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Runtime.Workers;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Calls;

/// <summary>
/// Step 7 of the way of a call: what the worker sends before its answer becomes events. A caller who does not stream gets none, except
/// that checkpoints are always kept: the state first, then an event that says so. What comes after a checkpoint is stored after it; other calls of
/// the worker go on meanwhile. Above the bound a mark is left and the rest dropped; a worker faster than the bus is slowed.
/// </summary>
internal sealed class CallEvents : IProgress<WaitingPlace>, IDisposable
{
    private const long MaximumUnstored = 1 << 20;
    private const int LargestToldState = 64 * 1024;
    private static readonly TimeSpan s_forgetDeadline = TimeSpan.FromSeconds(30);
    private static readonly WaitingPlace s_notYet = new(1, null, "the runtime took it too late to begin");
    private readonly Lock _order = new();
    private Task _saving = Task.CompletedTask;
    private Task _before = Task.CompletedTask;
    private readonly Invocation _invocation;
    private readonly TopicWriter _writer;
    private readonly int _maximumEvents;
    private readonly CallControl _control;
    private readonly CallKeep _keep;
    private readonly OutputGathering _gathering;
    private long _unstored;
    private long _bytes;
    private int _events;
    private int _truncated;
    private Exception? _failure;

    /// <summary>Events of <paramref name="invocation"/>, written by <paramref name="writer"/>; a writer that is fenced ends the call through <paramref name="control"/>.</summary>
    public CallEvents(Invocation invocation, TopicWriter writer, CallKeep keep, RuntimeOptions options, CallControl control)
    {
        (_invocation, _writer, _keep, _maximumEvents, _control) = (invocation, writer, keep, options.MaximumEvents, control);
        _gathering = new OutputGathering(options.OutputInterval, options.OutputCharacters, data => StoreAsync(EventKind.Output, data), control.Time);
    }

    /// <summary>Whether somebody reads pieces.</summary>
    public bool Streams => (_invocation.Options & InvocationOptions.Stream) != 0;

    /// <summary>Bytes of events and log lines that are kept; the manifest's limit, set before the worker gets the call.</summary>
    public long MaximumBytes { get; set; } = 16L << 20;

    /// <summary>The last state that the function kept, as JSON, or empty.</summary>
    public ReadOnlyMemory<byte> Checkpoint { get; set; }

    /// <summary>Whether the call has kept a checkpoint or the result of a step, so that another attempt can go on.</summary>
    public bool IsKept => !Checkpoint.IsEmpty || !_keep.IsEmpty;

    /// <summary>Where the call stood when it last waited.</summary>
    public WaitingPlace Place { get; private set; } = s_notYet;

    /// <summary>Says that this runtime has begun. Of a job, and of a call with a key, it is stored before anything runs: two deliveries of it must not both run it.</summary>
    /// <exception cref="FencedException">Another delivery has begun it.</exception>
    public async ValueTask StartedAsync(string runtime, ulong epoch)
    {
        var isOnce = (_invocation.Options & (InvocationOptions.Job | InvocationOptions.Keep)) != 0;
        if (!Streams && !isOnce)
        {
            return;
        }

        var data = JsonSerializer.SerializeToUtf8Bytes(new StartedData(runtime, epoch, null), EventJson.Default.StartedData);
        if (isOnce)
        {
            await _writer.EmitAsync(new InvocationEvent(EventKind.Started, data), CancellationToken.None);
        }
        else
        {
            await EmitAsync(EventKind.Started, data);
        }
    }

    /// <summary>Marks that the call goes to another runtime unstarted, so that its redelivery is not taken for a loss.</summary>
    public async ValueTask HandOverAsync(string runtime, CancellationToken cancellationToken) => await _writer.EmitAsync(
        new InvocationEvent(EventKind.Started, JsonSerializer.SerializeToUtf8Bytes(new StartedData(runtime, 0, Handover: true), EventJson.Default.StartedData)),
        cancellationToken);

    /// <summary>Takes one frame of the call; waits while too much is not stored yet.</summary>
    /// <exception cref="InvalidDataException">The payload is not JSON: the worker is broken.</exception>
    public ValueTask OnFrameAsync(WorkerFrame frame, WorkerOutput output)
    {
        if (GuestJson.Check(frame.Payload.Span) is { } wrong)
        {
            throw new InvalidDataException($"{frame.Type}: {wrong}");
        }

        switch (frame.Type)
        {
            case WorkerFrameType.Output:
                return StreamAsync(EventKind.Output, frame.Payload);
            case WorkerFrameType.Progress:
                return StreamAsync(EventKind.Progress, frame.Payload);
            case WorkerFrameType.Log:
                return LogAsync(frame.Payload, output);
            case WorkerFrameType.Checkpoint:
                return KeepAsync(frame.Payload.ToArray());
            default:
                return ValueTask.CompletedTask;
        }
    }

    /// <summary>Tells a streaming caller where the call stands while it waits for a sandbox.</summary>
    public void Report(WaitingPlace value)
    {
        Place = value;
        if (Streams)
        {
            var estimate = value.Estimate is { } time ? $", about {Math.Max(1, Math.Ceiling(time.TotalSeconds))} s" : "";
            var data = JsonSerializer.SerializeToUtf8Bytes(new ProgressData(0, $"waiting for a sandbox: position {value.Position}{estimate}"), EventJson.Default.ProgressData);
            _ = EmitAsync(EventKind.Progress, data).AsTask();
        }
    }

    /// <summary>Tells a streaming caller what the runtime itself does, as a piece of text.</summary>
    public ValueTask SayAsync(string text) => Streams
        ? EmitAsync(EventKind.Output, JsonSerializer.SerializeToUtf8Bytes(new TextData(text), EventJson.Default.TextData))
        : ValueTask.CompletedTask;

    /// <summary>Asks the caller; the answer comes as a control signal.</summary>
    public ValueTask AskAsync(ReadOnlyMemory<byte> requests) => EmitAsync(EventKind.InputRequired, requests);

    /// <summary>Step 8: stores the terminal event, after everything before it.</summary>
    /// <exception cref="FencedException">Another runtime has taken the call over.</exception>
    public async ValueTask EndAsync(InvocationEvent terminal, CancellationToken cancellationToken)
    {
        await _before.WaitAsync(cancellationToken);
        if (_failure is FencedException fenced)
        {
            throw fenced;
        }

        await _gathering.FlushAsync();
        await _writer.EmitAsync(terminal, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _gathering.Dispose();

    /// <summary>Ends once every checkpoint that has come is stored.</summary>
    public Task SavedAsync() => _saving;

    /// <summary>The call has ended: what it kept for another attempt goes.</summary>
    public async Task ForgetAsync()
    {
        if (!IsKept)
        {
            return;
        }

        using var deadline = new CancellationTokenSource(s_forgetDeadline, _control.Time);
        try
        {
            await _keep.RemoveAsync(deadline.Token);
        }
        catch (Exception)
        {
            // The rim of a background removal: what stays goes with its age.
            return;
        }
    }

    /// <summary>Two checkpoints are not in memory at once: the second one waits, and the worker with it.</summary>
    private async ValueTask KeepAsync(byte[] kept)
    {
        await _saving;
        var state = GuestJson.Member(kept, "state"u8);
        Checkpoint = state;
        lock (_order)
        {
            _before = _saving = SaveAsync(_before, state);
        }

        await EmitAsync(EventKind.Checkpoint, kept.Length <= LargestToldState ? kept : JsonSerializer.SerializeToUtf8Bytes(new CheckpointData(state.Length), EventJson.Default.CheckpointData));
    }

    private async Task SaveAsync(Task before, ReadOnlyMemory<byte> state)
    {
        await before;
        try
        {
            await _keep.SaveAsync(state, CancellationToken.None);
        }
        catch (Exception error)
        {
            // The rim of a background write: the topic's own fence, or the next attempt, says how the call goes on.
            Fail(error);
        }
    }

    private ValueTask StreamAsync(EventKind kind, ReadOnlyMemory<byte> payload) =>
        Streams && Count(payload.Length, output: null) ? EmitAsync(kind, payload.ToArray()) : ValueTask.CompletedTask;

    private ValueTask LogAsync(ReadOnlyMemory<byte> payload, WorkerOutput output)
    {
        if (!Count(payload.Length, output))
        {
            return ValueTask.CompletedTask;
        }

        if (WorkerOutput.Parse(payload.Span) is { Text: { } text } log)
        {
            output.Keep(_invocation.Id, log.Stream ?? "log", log.Level ?? "info", text);
        }

        return Streams ? EmitAsync(EventKind.Log, payload.ToArray()) : ValueTask.CompletedTask;
    }

    private bool Count(int length, WorkerOutput? output)
    {
        _bytes += length;
        _events++;
        if (_bytes <= MaximumBytes && _events <= _maximumEvents)
        {
            return true;
        }

        if (Interlocked.Exchange(ref _truncated, 1) == 0)
        {
            var text = $"output truncated: more than {MaximumBytes} bytes or {_maximumEvents} events in one call";
            output?.Keep(_invocation.Id, "log", "warning", text);
            if (Streams)
            {
                _ = EmitAsync(EventKind.Log, JsonSerializer.SerializeToUtf8Bytes(new LogData("warning", "log", text), EventJson.Default.LogData)).AsTask();
            }
        }

        return false;
    }

    private async ValueTask EmitAsync(EventKind kind, ReadOnlyMemory<byte> data)
    {
        if (kind == EventKind.Output)
        {
            await _gathering.AddAsync(data);
            return;
        }

        var gathered = _gathering.FlushAsync();
        var stored = StoreAsync(kind, data);
        await gathered;
        await stored;
    }

    private ValueTask StoreAsync(EventKind kind, ReadOnlyMemory<byte> data)
    {
        if (_failure is not null)
        {
            return ValueTask.CompletedTask;
        }

        var storing = InOrder(new InvocationEvent(kind, data));
        if (storing.IsCompletedSuccessfully)
        {
            return ValueTask.CompletedTask;
        }

        var ahead = Interlocked.Add(ref _unstored, data.Length);
        var stored = StoreAsync(storing, data.Length);
        return ahead > MaximumUnstored ? new ValueTask(stored) : ValueTask.CompletedTask;
    }

    /// <summary>After a checkpoint that is not stored yet, in the order of the calls.</summary>
    private ValueTask<ulong> InOrder(InvocationEvent value)
    {
        lock (_order)
        {
            if (_before.IsCompleted)
            {
                return _writer.EmitAsync(value, CancellationToken.None);
            }

            var emitting = EmitAfterAsync(_before, value);
            _before = emitting.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return new ValueTask<ulong>(emitting);
        }
    }

    private async Task<ulong> EmitAfterAsync(Task before, InvocationEvent value)
    {
        await before;
        return await _writer.EmitAsync(value, CancellationToken.None);
    }

    private void Fail(Exception error)
    {
        _failure = error;
        if (error is FencedException)
        {
            _control.TryEnd(CallEnd.Fenced);
        }
    }

    private async Task StoreAsync(ValueTask<ulong> storing, int length)
    {
        try
        {
            await storing;
        }
        catch (Exception error)
        {
            // The rim of a background write: pieces are lost with the bus, the terminal event says how the call ended.
            Fail(error);
        }
        finally
        {
            Interlocked.Add(ref _unstored, -length);
        }
    }
}
