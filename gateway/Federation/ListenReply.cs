using ToolRuntime.Functions;
using ToolRuntime.Gateway.Federation.Upstream;
using ToolRuntime.Gateway.Payloads;

namespace ToolRuntime.Gateway.Federation;

/// <summary>A <c>subscriptions/listen</c> of the gateway at a server: the acknowledgement opens it, the answer ends it.</summary>
/// <param name="ended">Hears that one which was open is over.</param>
internal sealed class ListenReply(Action? ended) : IServerReply
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done with the acknowledgement.</summary>
    public Task Open => _open.Task;

    public void Acknowledged() => _open.TrySetResult();

    public void Answered(ReadOnlyMemory<byte> result, ReadOnlyMemory<byte> error) =>
        End(new FunctionFault(FaultCode.UpstreamFailed, $"the MCP server does not let listen: {RawJson.Text(RawJson.Member(error, "message"u8)) ?? "it ended the subscription"}"));

    public void Notified(string method, ReadOnlyMemory<byte> parameters)
    {
    }

    public ValueTask AskedAsync(ReadOnlyMemory<byte> id, string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Lost(UpstreamFailure? failure) => End(failure?.Fault ?? new FunctionFault(FaultCode.SandboxLost, "the MCP server ended", "look at its logs"));

    private void End(FunctionFault fault)
    {
        if (!_open.TrySetException(new FunctionFaultException(fault)))
        {
            ended?.Invoke();
        }
    }
}
