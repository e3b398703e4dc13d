using ToolRuntime.Functions;
using ToolRuntime.Gateway.Federation.Upstream;

namespace ToolRuntime.Gateway.Federation;

/// <summary>A question of the gateway itself.</summary>
internal sealed class AskedReply : IServerReply
{
    private readonly TaskCompletionSource<ServerAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ServerAnswer> Answer => _answer.Task;

    public void Answered(ReadOnlyMemory<byte> result, ReadOnlyMemory<byte> error) => _answer.TrySetResult(new ServerAnswer(result, error, null));

    public void Notified(string method, ReadOnlyMemory<byte> parameters)
    {
    }

    public ValueTask AskedAsync(ReadOnlyMemory<byte> id, string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Lost(UpstreamFailure? failure) => _answer.TrySetResult(new ServerAnswer(
        default,
        default,
        failure ?? new UpstreamFailure(new FunctionFault(FaultCode.SandboxLost, "the MCP server ended before it answered", "look at its logs"))));
}
