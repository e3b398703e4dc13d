using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>A process or worker that the host knows by an id.</summary>
internal class ManagedProcess : Child
{
    private readonly SignalQueue _signals;
    private volatile string _id;

    internal ManagedProcess(string id, AgentRequest request)
    {
        (_id, Request) = (id, request);
        Output = new OutputPort(request.Keep ?? true);
        _signals = new SignalQueue(this);
    }

    /// <summary>Its id; a worker's can change.</summary>
    internal string Id
    {
        get => _id;
        set => _id = value;
    }

    /// <summary>What it was started with.</summary>
    internal AgentRequest Request { get; }

    internal virtual string Kind => "process";

    /// <summary>What it prints.</summary>
    internal OutputPort Output { get; }

    /// <summary>Its standard input or terminal, or the control pipe of a worker, or null.</summary>
    internal InputPipe? Input { get; private set; }

    /// <summary>Takes over the agent's end of its input; closed with the process, however soon that ends.</summary>
    internal void OpenInput(int descriptor, bool shared)
    {
        Input = new InputPipe(this, descriptor, shared);
        if (HasEnded)
        {
            Input.Close();
        }
    }

    /// <summary>Signals it, and waits until that is done; false when it has ended.</summary>
    internal bool Signal(int signal) => _signals.Send(signal);

    /// <summary>Signals it from a thread of its own, behind the signals that were sent before.</summary>
    internal void SignalLater(int signal) => _signals.Enqueue(signal);

    internal AgentProcessEntry Describe() => new(Id, Pid, Request.Argv!, Kind)
    {
        Tag = Request.Tag,
        Cwd = Request.Cwd,
        Env = Request.Env,
        Pty = Request.Pty is not null,
    };

    internal override void OnExit(ChildExit exit)
    {
        base.OnExit(exit);
        Input?.Close();
    }
}
