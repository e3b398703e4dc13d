using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>A resident worker: its control pipe is relayed byte for byte, by a thread of its own.</summary>
internal sealed unsafe class WorkerProcess(string id, AgentRequest request) : ManagedProcess(id, request)
{
    private readonly WorkerRelay _relay = new();

    internal override string Kind => "worker";

    internal override bool EndsGroup => true;

    /// <summary>Takes over the agent's ends of the control pipe.</summary>
    internal void Open(int toWorker, int fromWorker)
    {
        OpenInput(toWorker, shared: false);

        // A checkpoint may be many megabytes: the worker wakes less often for it.
        Descriptors.Widen(fromWorker);
        _relay.Start(this, fromWorker);
    }

    internal void Attach(AgentStream stream) => _relay.Attach(stream);

    internal void Detach(AgentStream stream) => _relay.Detach(stream);

    internal override void OnExit(ChildExit exit)
    {
        base.OnExit(exit);
        _relay.Wake();
    }
}
