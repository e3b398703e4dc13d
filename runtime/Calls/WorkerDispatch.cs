using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Runtime.Workers;

namespace ToolRuntime.Runtime.Calls;

/// <summary>
/// Step 6 of the way of a call: one call on one worker. When the call is to end before the worker says so, the user's code is asked
/// first, and the process killed after the grace; neighbours on the same worker are lost with it.
/// </summary>
internal sealed class WorkerDispatch(FunctionSandbox sandbox, CallControl control, TimeSpan grace, TimeProvider time)
{
    private WorkerCall? _call;

    /// <summary>Runs the call to its answer.</summary>
    public async ValueTask<WorkerOutcome> RunAsync(CallRequest request, WorkerFrameHandler onFrame)
    {
        _call = sandbox.Connection.StartCall(request, onFrame);
        using var registration = control.Token.UnsafeRegister(static s => ((WorkerDispatch)s!).Stop(), this);
        return await _call.Outcome;
    }

    private void Stop() => _ = StopAsync(_call!);

    private async Task StopAsync(WorkerCall call)
    {
        sandbox.Connection.Cancel(call, control.End == CallEnd.Deadline ? "deadline" : "cancelled");
        if (await Task.WhenAny(call.Outcome, Task.Delay(grace, time, CancellationToken.None)) != call.Outcome)
        {
            await sandbox.KillWorkerAsync();
        }
    }
}
