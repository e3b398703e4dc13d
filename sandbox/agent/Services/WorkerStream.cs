using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Processes;

namespace ToolRuntime.Sandbox.Agent.Services;

/// <summary>Takes the host's bytes for a worker's control pipe.</summary>
internal sealed class WorkerStream(WorkerProcess worker) : IStreamHandler
{
    public void OnData(AgentStream stream, ReadOnlySpan<byte> data) => worker.Input!.Write(data, stream);

    /// <summary>The worker stays: only its end or another opening ends the relay.</summary>
    public void OnFinish(AgentStream stream)
    {
    }

    public void OnDead(AgentStream stream) => worker.Detach(stream);
}
