using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Services;

/// <summary>Gathers the request at the beginning of a stream and gives it to the operations, which set the stream's next handler.</summary>
internal sealed class StreamRequest(Operations operations) : IStreamHandler
{
    private readonly MessageAssembler _message = new();

    public void OnData(AgentStream stream, ReadOnlySpan<byte> data)
    {
        var taken = _message.Append(data);
        stream.Credit(taken);
        if (!_message.Complete)
        {
            return;
        }

        stream.Handler = IgnoredInput.Instance;
        operations.Run(stream, _message.Json);
        if (taken < data.Length)
        {
            stream.Handler.OnData(stream, data[taken..]);
        }
    }

    public void OnFinish(AgentStream stream) => stream.Reset();

    public void OnDead(AgentStream stream)
    {
    }
}
