namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>A process or worker that the host knows by an id.</summary>
internal class ManagedProcess(string id, IReadOnlyList<string> arguments) : Child
{
    internal string Id => id;

    internal IReadOnlyList<string> Arguments => arguments;

    internal virtual string Kind => "process";

    /// <summary>What it prints.</summary>
    internal OutputPort Output { get; } = new();

    /// <summary>Its standard input, or the control pipe of a worker, or null.</summary>
    internal InputPipe? Input { get; private set; }

    /// <summary>The terminal that it runs on, or -1.</summary>
    internal int Terminal { get; set; } = -1;

    /// <summary>Takes over the agent's end of its input; closed with the process, however soon that ends.</summary>
    internal void OpenInput(int descriptor, bool shared)
    {
        Input = new InputPipe(this, descriptor, shared);
        if (HasEnded)
        {
            Input.Close();
        }
    }

    internal override void OnExit(ChildExit exit)
    {
        base.OnExit(exit);
        Input?.Close();
    }
}
