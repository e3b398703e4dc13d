using System.Text.Json;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Telemetry;

namespace ToolRuntime.Gateway.Calls;

/// <summary>A call behind the queue, seen through its topic. Leaving it does not end it.</summary>
public sealed class QueuedCall : ICall
{
    private readonly MessageBus _bus;
    private readonly TopicFollower _follower;
    private readonly CancellationTokenSource _deadline;
    private readonly TimeProvider _time;
    private readonly long _began;
    private bool _ended;

    internal QueuedCall(MessageBus bus, TopicFollower follower, (Invocation Invocation, ToolRoute Route) accepted, TimeSpan remaining, TimeProvider time)
    {
        _bus = bus;
        _follower = follower;
        (Invocation, Route) = accepted;
        _deadline = new CancellationTokenSource(remaining, time);
        _time = time;
        _began = time.GetTimestamp();
        GatewayMetrics.Began();
    }

    /// <inheritdoc/>
    public Invocation Invocation { get; }

    /// <inheritdoc/>
    public ToolRoute Route { get; }

    /// <inheritdoc/>
    public async ValueTask<TopicEvent> NextAsync(CancellationToken cancellationToken)
    {
        using var either = cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _deadline.Token) : null;
        try
        {
            var next = await _follower.NextAsync(either?.Token ?? _deadline.Token)
                ?? new TopicEvent(Invocation.Id, 0, new InvocationEvent(EventKind.Gone, default));
            return next.Event.IsTerminal ? End(next) : next;
        }
        catch (OperationCanceledException) when (_deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await CancelAsync(cancellationToken);
            return End(Overdue());
        }
    }

    /// <inheritdoc/>
    public ValueTask CancelAsync(CancellationToken cancellationToken) =>
        _bus.Control.SignalAsync(new ControlSignal(Invocation.Caller.Tenant, Invocation.Id, ControlKind.Cancel, default), cancellationToken);

    /// <inheritdoc/>
    public ValueTask AnswerAsync(ReadOnlyMemory<byte> responses, CancellationToken cancellationToken) =>
        _bus.Control.SignalAsync(new ControlSignal(Invocation.Caller.Tenant, Invocation.Id, ControlKind.InputResponse, responses), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Count(FaultCode.Cancelled);
        _deadline.Dispose();
        await _follower.DisposeAsync();
    }

    private TopicEvent End(TopicEvent last)
    {
        Count(last.Event.Kind == EventKind.Completed ? null : FaultMapping.Read(last.Event).Code);
        return last;
    }

    private void Count(FaultCode? fault)
    {
        if (!_ended)
        {
            _ended = true;
            GatewayMetrics.Ended(fault, _time.GetElapsedTime(_began));
        }
    }

    private TopicEvent Overdue()
    {
        var fault = new FunctionFault(
            FaultCode.DeadlineExceeded,
            $"'{Invocation.Tool}' did not end within {(Invocation.Deadline - Invocation.AcceptedAt).TotalSeconds:0.#} s",
            "raise timeoutSeconds in the function's manifest, or look at its logs");
        return new(Invocation.Id, 0, new InvocationEvent(EventKind.Failed, JsonSerializer.SerializeToUtf8Bytes(fault, FunctionsJson.Default.FunctionFault)));
    }
}
