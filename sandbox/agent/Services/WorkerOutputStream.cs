using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Processes;

namespace ToolRuntime.Sandbox.Agent.Services;

/// <summary>A reader of what a worker prints; it has no standard input, since its stream is another.</summary>
internal sealed class WorkerOutputStream(ManagedProcess worker) : IStreamHandler
{
    public void OnData(AgentStream stream, ReadOnlySpan<byte> data) => stream.Credit(data.Length);

    public void OnFinish(AgentStream stream)
    {
    }

    public void OnDead(AgentStream stream) => worker.Output.Detach(stream);
}
