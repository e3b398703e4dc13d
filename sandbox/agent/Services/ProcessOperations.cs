using System.Text.Json;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Processes;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Services;

/// <summary>Operations on processes and workers.</summary>
internal sealed class ProcessOperations(ProcessTable table, Launcher launcher)
{
    private static readonly TimeSpan s_inputPatience = TimeSpan.FromSeconds(5);

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

    internal AgentReply RenameWorker(AgentRequest request)
    {
        var worker = FindWorker(request);
        if (request.To is not { Length: > 0 } to)
        {
            throw new OperationException(AgentErrorCode.BadRequest, "'to' is empty: name the new id.");
        }

        return worker.Id == to || table.Rename(worker, to)
            ? AgentReply.Done
            : throw new OperationException(AgentErrorCode.Exists, $"A process with id '{to}' is running.");
    }

    internal AgentReply Signal(AgentRequest request)
    {
        if (request.Signal is < 1 or > 64)
        {
            throw new OperationException(AgentErrorCode.BadRequest, $"'signal' is {request.Signal}; 1 to 64 are signals.");
        }

        var process = FindRunning(request);
        return process.Signal(request.Signal) ? AgentReply.Done : throw Ended(process);
    }

    internal AgentReply Input(AgentRequest request)
    {
        var process = FindRunning(request);
        return process is WorkerProcess
            ? throw new OperationException(AgentErrorCode.BadRequest, $"'{process.Id}' is a worker: use worker.open.")
            : (process.Input?.Put(request.Data ?? [], s_inputPatience) ?? InputResult.Closed) switch
            {
                InputResult.Taken => AgentReply.Done,
                InputResult.Full => throw new OperationException(AgentErrorCode.Failed, $"Process '{process.Id}' does not read its standard input, and as much as may wait for it does."),
                _ => throw new OperationException(AgentErrorCode.Closed, $"The standard input of process '{process.Id}' is closed."),
            };
    }

    internal AgentReply CloseInput(AgentRequest request)
    {
        var process = FindRunning(request);
        if (process is WorkerProcess or { Input.IsTerminal: true })
        {
            throw new OperationException(AgentErrorCode.BadRequest, $"'{process.Id}' has no standard input that could be closed; on a terminal, send the byte 4 instead.");
        }

        process.Input?.Close();
        return AgentReply.Done;
    }

    internal AgentReply Resize(AgentRequest request)
    {
        var process = FindRunning(request);
        if (request.Pty is not { } size || process.Input is not { IsTerminal: true } terminal)
        {
            throw new OperationException(AgentErrorCode.BadRequest, $"'pty' is needed, and a process on a terminal, which '{process.Id}' may not be.");
        }

        terminal.Resize(size);
        return AgentReply.Done;
    }

    internal void OpenWorker(AgentStream stream, AgentRequest request)
    {
        var worker = FindWorker(request);
        stream.Handler = new WorkerStream(worker);
        stream.Reply(new AgentReply { Ok = true, Pid = worker.Pid });
        worker.Attach(stream);
    }

    internal void Attach(AgentStream stream, AgentRequest request)
    {
        var process = Find(request);
        stream.Handler = process is WorkerProcess ? new WorkerOutputStream(process) : new ProcessStream(process);
        stream.Reply(new AgentReply { Ok = true, Pid = process.Pid, Id = process.Id, Pty = process.Describe().Pty });
        process.Output.Attach(stream);
    }

    internal void List(AgentStream stream)
    {
        var parts = new ReplyParts<AgentProcessEntry>(stream, entries => new AgentReply { Ok = true, Processes = entries });
        foreach (var process in table.Running())
        {
            var entry = process.Describe();
            if (Length(entry) > ReplyParts<AgentProcessEntry>.PartLength)
            {
                entry = entry with { Env = null };
            }

            parts.Add(entry, Length(entry));
        }

        parts.End(truncated: false);
    }

    private static int Length(AgentProcessEntry entry) => JsonSerializer.SerializeToUtf8Bytes(entry, AgentJson.Default.AgentProcessEntry).Length + 1;

    private void Check(AgentRequest request)
    {
        if (request.Argv is not { Count: > 0 })
        {
            throw new OperationException(AgentErrorCode.BadRequest, "'argv' is empty: name the program.");
        }

        if (request.KillAfterMs is < 1)
        {
            throw new OperationException(AgentErrorCode.BadRequest, $"'killAfterMs' is {request.KillAfterMs}; at least 1 is needed.");
        }

        if (request.Id is { } id && table.Contains(id))
        {
            throw new OperationException(AgentErrorCode.Exists, $"A process with id '{id}' is running.");
        }
    }

    private ManagedProcess Find(AgentRequest request) =>
        table.Find(request) ?? throw new OperationException(AgentErrorCode.NotFound, $"No process has {Named(request)}.");

    private ManagedProcess FindRunning(AgentRequest request) => Find(request) is { HasEnded: false } process ? process : throw Ended(Find(request));

    private WorkerProcess FindWorker(AgentRequest request) => Find(request) as WorkerProcess
        ?? throw new OperationException(AgentErrorCode.BadRequest, $"{Named(request)} is a process, not a worker: use attach.");

    private static OperationException Ended(ManagedProcess process) => new(AgentErrorCode.NotFound, $"Process '{process.Id}' has ended.");

    private static string Named(AgentRequest request) =>
        request.Id is { } id ? $"id '{id}'" : request.Pid is { } pid ? $"pid {pid}" : $"tag '{request.Tag}'";
}
