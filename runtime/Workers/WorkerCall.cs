namespace ToolRuntime.Runtime.Workers;

/// <summary>One call on a worker.</summary>
internal sealed class WorkerCall(uint id, WorkerFrameHandler handler)
{
    // Continuations run on the reader's thread on purpose: the answer goes on to the bus without a thread hop.
    private readonly TaskCompletionSource<WorkerOutcome> _outcome = new();

    /// <summary>Its number on the connection.</summary>
    public uint Id { get; } = id;

    /// <summary>Gets its frames.</summary>
    public WorkerFrameHandler Handler { get; } = handler;

    /// <summary>The answer; never faults.</summary>
    public Task<WorkerOutcome> Outcome => _outcome.Task;

    /// <summary>Sets the answer; the first wins.</summary>
    public void Answer(WorkerOutcome outcome) => _outcome.TrySetResult(outcome);
}
