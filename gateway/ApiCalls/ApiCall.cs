using System.Collections.Immutable;
using System.Text.Json;
using System.Threading.Channels;

using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Gateway.Calls;
using ToolRuntime.Gateway.Catalog;
using ToolRuntime.Gateway.Telemetry;
using ToolRuntime.OpenApi.Schemas;

namespace ToolRuntime.Gateway.ApiCalls;

/// <summary>
/// A call of an HTTP API, or of a tool of the gateway itself. What the API streams before its end are events; at most <see cref="MaximumEvents"/> wait, then the API is read no
/// faster than the client reads. Its end stands in the record before anybody sees it.
/// </summary>
internal sealed class ApiCall : ICall
{
    private const int MaximumEvents = 256;
    private readonly CallRecord _record;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending;
    private readonly Channel<InvocationEvent> _events = Channel.CreateBounded<InvocationEvent>(new BoundedChannelOptions(MaximumEvents) { AllowSynchronousContinuations = true });
    private readonly Task<InvocationEvent> _run;
    private readonly long _began;
    private volatile bool _cancelled;
    private ulong _sequence;

    // Once, also where whoever waits for it leaves and comes back.
    private Task? _recorded;

    public ApiCall((Invocation Invocation, ToolRoute Route) accepted, (ImmutableDictionary<string, string> Headers, SchemaDialect Dialect) client, CallRecord record, TimeProvider time)
    {
        (Invocation, Route) = accepted;
        (_record, _time, _began) = (record, time, time.GetTimestamp());
        var left = Invocation.Deadline - time.GetUtcNow();
        _ending = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
        GatewayMetrics.Began();
        _run = RunAsync(client.Headers, client.Dialect);
    }

    public Invocation Invocation { get; }

    public ToolRoute Route { get; }

    public async ValueTask<TopicEvent> NextAsync(CancellationToken cancellationToken)
    {
        while (await _events.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_events.Reader.TryRead(out var item))
            {
                return new TopicEvent(Invocation.Id, ++_sequence, item);
            }
        }

        var last = await _run.WaitAsync(cancellationToken);
        var fault = last.Kind == EventKind.Completed ? (FaultCode?)null : FaultMapping.Read(last).Code;
        await (_recorded ??= _record.EndedAsync(Invocation, fault, last.Data.Length, CancellationToken.None).AsTask()).WaitAsync(cancellationToken);
        GatewayMetrics.Ended(fault, _time.GetElapsedTime(_began));
        return new TopicEvent(Invocation.Id, ++_sequence, last);
    }

    public async ValueTask CancelAsync(CancellationToken cancellationToken)
    {
        _cancelled = true;
        await _ending.CancelAsync();
    }

    /// <summary>An API asks nothing, so there is nothing to answer.</summary>
    public ValueTask AnswerAsync(ReadOnlyMemory<byte> responses, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _run;
        _ending.Dispose();
    }

    private async Task<InvocationEvent> RunAsync(ImmutableDictionary<string, string> headers, SchemaDialect dialect)
    {
        try
        {
            var request = new ApiInvocation(Invocation, headers, dialect, Invocation.Options.HasFlag(InvocationOptions.Stream) ? EmitAsync : null);
            var data = Route.Own is { } own ? await own(request, _ending.Token) : await Route.Api!.Source.CallAsync(Route.Api, request, _ending.Token);
            return new InvocationEvent(EventKind.Completed, data);
        }
        catch (FunctionFaultException failed)
        {
            return Failed(failed.Fault);
        }
        catch (OperationCanceledException)
        {
            return Failed(_cancelled
                ? new FunctionFault(FaultCode.Cancelled, "the caller cancelled")
                : new FunctionFault(
                    FaultCode.DeadlineExceeded,
                    $"'{Invocation.Tool}' did not end within {(Invocation.Deadline - Invocation.AcceptedAt).TotalSeconds:0.#} s",
                    Route.Own is null ? "the API was too slow; its timeout is set where it was registered (--timeout)" : "give it less to do at once"));
        }
        catch (Exception error)
        {
            // The rim of the call: whatever an API makes us stumble over fails this call and nothing else.
            return Failed(new FunctionFault(FaultCode.Internal, $"the call failed: {error.GetType().Name}: {error.Message}"));
        }
        finally
        {
            _events.Writer.Complete();
        }
    }

    private ValueTask EmitAsync(InvocationEvent item, CancellationToken cancellationToken) => _events.Writer.WriteAsync(item, cancellationToken);

    private static InvocationEvent Failed(FunctionFault fault) =>
        new(EventKind.Failed, JsonSerializer.SerializeToUtf8Bytes(fault, FunctionsJson.Default.FunctionFault));
}
