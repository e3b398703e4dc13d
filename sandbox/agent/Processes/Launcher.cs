using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>Starts what the host asks for, with its pipes or terminal.</summary>
internal sealed class Launcher(ProcessTable table, SandboxEnvironment environment)
{
    /// <summary>
    /// A process on pipes or on a terminal. Its output is read after <paramref name="onStarted"/>, which attaches a stream: what is read while
    /// none is attached is kept only in part.
    /// </summary>
    internal void StartProcess(AgentRequest request, Action<ManagedProcess> onStarted)
    {
        var process = new ManagedProcess(request.Id ?? table.NewId(), request);
        if (request.Pty is { } size)
        {
            StartOnTerminal(process, request, size, onStarted);
        }
        else
        {
            StartOnPipes(process, request, onStarted);
        }

        process.ReturnExitEvent();
        KillInTime(process);
    }

    /// <summary>A resident worker, its control pipe on descriptors 3 and 4.</summary>
    internal WorkerProcess StartWorker(AgentRequest request)
    {
        var worker = new WorkerProcess(request.Id ?? table.NewId(), request);
        using var ends = new PipeEnds();
        var (nothing, output, error) = (ends.Null(), ends.FromChild(), ends.FromChild());
        var (toWorker, fromWorker) = (ends.ToChild(), ends.FromChild());
        table.Start(worker, Plan(request, [nothing, output.Child, error.Child, toWorker.Child, fromWorker.Child], terminal: false));
        ends.Keep();
        worker.Open(toWorker.Agent, fromWorker.Agent);
        new OutputPumps(worker, worker.Output).Start((ProcessFrameType.Output, output.Agent), (ProcessFrameType.Error, error.Agent));
        worker.ReturnExitEvent();
        KillInTime(worker);
        return worker;
    }

    private static void KillInTime(ManagedProcess process)
    {
        const int Kill = 9;
        if (process.Request.KillAfterMs is { } limit)
        {
            AgentThread.Start("deadline", () =>
            {
                process.WaitForExit(TimeSpan.FromMilliseconds(Math.Min(limit, int.MaxValue)));
                process.Signal(Kill);
            });
        }
    }

    private void StartOnPipes(ManagedProcess process, AgentRequest request, Action<ManagedProcess> onStarted)
    {
        using var ends = new PipeEnds();
        var input = request.Stdin ? ends.ToChild() : (Agent: -1, Child: ends.Null());
        var (output, error) = (ends.FromChild(), ends.FromChild());
        table.Start(process, Plan(request, [input.Child, output.Child, error.Child], terminal: false));
        ends.Keep();
        if (request.Stdin)
        {
            process.OpenInput(input.Agent, shared: false);
        }

        Descriptors.Widen(output.Agent);
        Descriptors.Widen(error.Agent);
        onStarted(process);
        new OutputPumps(process, process.Output).Start((ProcessFrameType.Output, output.Agent), (ProcessFrameType.Error, error.Agent));
    }

    private void StartOnTerminal(ManagedProcess process, AgentRequest request, AgentTerminal size, Action<ManagedProcess> onStarted)
    {
        using var ends = new PipeEnds();
        var terminal = ends.Terminal((request.User ?? SpawnPlan.DefaultUser).Uid, size);
        table.Start(process, Plan(request, [terminal.Child, terminal.Child, terminal.Child], terminal: true));
        ends.Keep();
        process.OpenInput(terminal.Agent, shared: true);
        onStarted(process);
        new OutputPumps(process, process.Output).Start((ProcessFrameType.Output, terminal.Agent));
    }

    private SpawnPlan Plan(AgentRequest request, int[] descriptors, bool terminal) => new()
    {
        Arguments = request.Argv!,
        Environment = environment.With(request.Env),
        Folder = request.Cwd ?? "/",
        User = request.User ?? SpawnPlan.DefaultUser,
        Limits = request.Limits,
        Descriptors = descriptors,
        Terminal = terminal,
    };
}
