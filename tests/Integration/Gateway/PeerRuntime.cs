using System.Text;
using System.Text.Json;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>A function of the test peer: what it says on its way and in the end.</summary>
public delegate Task<string> PeerFunction(PeerCall call);

/// <summary>A call as the peer's functions see it.</summary>
public sealed class PeerCall(Invocation invocation, TopicWriter writer)
{
    public Invocation Invocation => invocation;

    public JsonElement Arguments { get; } = JsonElement.Parse(invocation.Arguments.Span);

    public async Task EmitAsync(EventKind kind, string data) => await writer.EmitAsync(new InvocationEvent(kind, Encoding.UTF8.GetBytes(data)), CancellationToken.None);
}

/// <summary>A peer on the real bus that takes invocations as a runtime does and answers with functions of the test, in this process.</summary>
public sealed class PeerRuntime : IAsyncDisposable
{
    private readonly MessageBus _bus;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _taking;

    public PeerRuntime(MessageBus bus)
    {
        _bus = bus;
        _taking = Task.Run(TakeAsync);
    }

    public Dictionary<string, PeerFunction> Functions { get; } = new(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _taking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task TakeAsync()
    {
        await foreach (var delivery in _bus.Queue.TakeAsync(Ids.New(), ["base"], 64, _ending.Token))
        {
            _ = Task.Run(() => RunAsync(delivery));
        }
    }

    private async Task RunAsync(Delivery delivery)
    {
        var invocation = delivery.Invocation;
        var writer = await _bus.Topics.OpenWriterAsync(TopicKey.Of(invocation), delivery.Attempt, CancellationToken.None);
        var call = new PeerCall(invocation, writer);
        try
        {
            await call.EmitAsync(EventKind.Completed, await Functions[invocation.Tool](call));
        }
        catch (FunctionFaultException error)
        {
            await FailAsync(call, error.Fault);
        }

        await delivery.AckAsync(CancellationToken.None);
    }

    private static Task FailAsync(PeerCall call, FunctionFault fault) =>
        call.EmitAsync(EventKind.Failed, JsonSerializer.Serialize(fault, FunctionsJson.Default.FunctionFault));
}
