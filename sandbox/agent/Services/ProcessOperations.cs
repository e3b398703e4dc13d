using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Processes;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Services;

/// <summary>Operations on processes and workers.</summary>
internal sealed class ProcessOperations(ProcessTable table, Launcher launcher)
{
    internal void Spawn(AgentStream stream, StreamInput input, AgentRequest request)
    {
        Check(request);
        launcher.StartProcess(request, process =>
        {
            stream.Reply(new AgentReply { Ok = true, Pid = process.Pid, Id = process.Id });
            input.Forward(stream, new ProcessStream(process));
            process.Output.Attach(stream);
        });
    }

    internal AgentReply StartWorker(AgentRequest request)
    {
        Check(request);
        var worker = launcher.StartWorker(request);
        return new AgentReply { Ok = true, Pid = worker.Pid, Id = worker.Id };
    }

    internal AgentReply Signal(AgentRequest request)
    {
        if (request.Signal is < 1 or > 64)
        {
            throw new OperationException(AgentErrorCode.BadRequest, $"'signal' is {request.Signal}; 1 to 64 are signals.");
        }

        return ProcessTable.Signal(Find(request), request.Signal)
            ? AgentReply.Done
            : throw new OperationException(AgentErrorCode.NotFound, $"Process '{request.Id}' has ended.");
    }

    internal void OpenWorker(AgentStream stream, AgentRequest request)
    {
        if (Find(request) is not WorkerProcess worker)
        {
            throw new OperationException(AgentErrorCode.BadRequest, $"'{request.Id}' is a process, not a worker: use attach.");
        }

        stream.Handler = new WorkerStream(worker);
        stream.Reply(new AgentReply { Ok = true, Pid = worker.Pid });
        worker.Attach(stream);
    }

    internal void Attach(AgentStream stream, AgentRequest request)
    {
        var process = Find(request);
        stream.Handler = process is WorkerProcess ? new WorkerOutputStream(process) : new ProcessStream(process);
        stream.Reply(new AgentReply { Ok = true, Pid = process.Pid });
        process.Output.Attach(stream);
    }

    internal AgentReply List() => new()
    {
        Ok = true,
        Processes = [.. table.All().Where(process => !process.HasEnded).Select(process => new AgentProcessEntry(process.Id, process.Pid, process.Arguments, process.Kind))],
    };

    private void Check(AgentRequest request)
    {
        if (request.Argv is not { Count: > 0 })
        {
            throw new OperationException(AgentErrorCode.BadRequest, "'argv' is empty: name the program.");
        }

        if (request.Id is { } id && table.Contains(id))
        {
            throw new OperationException(AgentErrorCode.Exists, $"A process with id '{id}' is running.");
        }
    }

    private ManagedProcess Find(AgentRequest request) =>
        table.Find(request.Id ?? "") ?? throw new OperationException(AgentErrorCode.NotFound, $"No process has id '{request.Id}'.");
}
