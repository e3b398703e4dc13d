using ToolRuntime.Sandbox.Agent.Archives;
using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Egress;
using ToolRuntime.Sandbox.Agent.Files;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Agent.Processes;
using ToolRuntime.Sandbox.Agent.Sockets;
using ToolRuntime.Sandbox.Agent.Watching;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Services;

/// <summary>The table of operations. What is short runs on the channel's thread; what starts, reads or connects has a thread of its own.</summary>
internal sealed class Operations(ProcessTable table, Launcher launcher, SandboxEnvironment environment, EgressProxy egress, ChannelLoop channel)
{
    private readonly ProcessOperations _processes = new(table, launcher);

    /// <summary>Runs the request; it sets the stream's handler before it returns.</summary>
    internal void Run(AgentStream stream, ReadOnlySpan<byte> json)
    {
        try
        {
            Dispatch(stream, MessageFraming.Decode(json, AgentJson.Default.AgentRequest));
        }
        catch (Exception error) when (error is OperationException or NativeException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Refuse(stream, error);
        }
    }

    private void Dispatch(AgentStream stream, AgentRequest request)
    {
        switch (request.Op)
        {
            case AgentOperation.Suspend:
                channel.Suspend();
                break;
            case AgentOperation.Environment:
                environment.Change(request.Set, request.Unset);
                EnvironmentFiles.Write(request.Set);
                Answer(stream, new AgentReply { Ok = true, Environment = environment.Changed() });
                break;
            case AgentOperation.FilePut:
                Answer(stream, FileOperations.Put(request));
                break;
            case AgentOperation.WorkerRename:
                Answer(stream, _processes.RenameWorker(request));
                break;
            case AgentOperation.WorkerOpen:
                _processes.OpenWorker(stream, request);
                break;
            case AgentOperation.Attach or AgentOperation.WorkerOutput:
                _processes.Attach(stream, request);
                break;
            default:
                OnThread(stream, input => RunStream(stream, input, request));
                break;
        }
    }

    /// <summary>Operations that say more than one reply, or read.</summary>
    private void RunStream(AgentStream stream, StreamInput input, AgentRequest request)
    {
        switch (request.Op)
        {
            case AgentOperation.Spawn:
                _processes.Spawn(stream, input, request);
                break;
            case AgentOperation.Processes:
                _processes.List(stream);
                break;
            case AgentOperation.Dial:
                new DialOperation(stream, input).Run(request);
                break;
            case AgentOperation.FileRead:
                FileOperations.Read(stream, request);
                break;
            case AgentOperation.FileWrite:
                FileOperations.Write(stream, input, request);
                break;
            case AgentOperation.FileWatch:
                FolderWatch.Run(stream, input, request);
                break;
            case AgentOperation.FileArchive:
                OnThread(stream, _ => ArchiveOperations.Archive(stream));
                break;
            case AgentOperation.FileUnpack:
                OnThread(stream, input => ArchiveOperations.Unpack(stream, input, request));
                break;
            case AgentOperation.FileList:
                FolderOperations.List(stream, request);
                break;
            default:
                Answer(stream, Reply(request));
                break;
        }
    }

    /// <summary>Operations that one reply answers.</summary>
    private AgentReply Reply(AgentRequest request) => request.Op switch
    {
        AgentOperation.WorkerStart => _processes.StartWorker(request),
        AgentOperation.Signal => _processes.Signal(request),
        AgentOperation.Input => _processes.Input(request),
        AgentOperation.InputEnd => _processes.CloseInput(request),
        AgentOperation.Resize => _processes.Resize(request),
        AgentOperation.FileStat => FolderOperations.Stat(request),
        AgentOperation.FileRemove => FolderOperations.Remove(request),
        AgentOperation.FileRename => FolderOperations.Rename(request),
        AgentOperation.MakeFolder => FolderOperations.MakeFolder(request),
        AgentOperation.FileLink => FolderOperations.Link(request),
        AgentOperation.FileAttributes => FolderOperations.SetAttributes(request),
        AgentOperation.User => UserOperation.Run(request),
        AgentOperation.EgressListen => egress.Listen(request, channel.Open),
        AgentOperation.Stats => StatsOperation.Run(request),
        _ => throw new OperationException(AgentErrorCode.BadRequest, $"There is no operation '{request.Op}'."),
    };

    private static void OnThread(AgentStream stream, Action<StreamInput> action)
    {
        var input = new StreamInput();
        stream.Handler = input;
        AgentThread.Start("operation", () =>
        {
            try
            {
                action(input);
            }
            catch (Exception error) when (error is OperationException or NativeException or InvalidDataException or IOException or UnauthorizedAccessException)
            {
                // What the host still sends would fill the window, and keep it from reading the refusal.
                input.Forward(stream, IgnoredInput.Instance);
                Refuse(stream, error);
            }
        });
    }

    private static void Answer(AgentStream stream, AgentReply reply)
    {
        stream.Reply(reply);
        stream.Finish();
    }

    private static void Refuse(AgentStream stream, Exception error) => Answer(stream, new AgentReply
    {
        Code = error switch
        {
            OperationException refusal => refusal.Code,
            NativeException { Error: NativeError.NoEntry or NativeError.ConnectionRefused } => AgentErrorCode.NotFound,
            NativeException { Error: NativeError.Exists or NativeError.AddressInUse } => AgentErrorCode.Exists,
            NativeException { Error: NativeError.NotFolder } => AgentErrorCode.NotFolder,
            NativeException { Error: NativeError.IsFolder } => AgentErrorCode.IsFolder,
            NativeException { Error: NativeError.NoSpace or NativeError.QuotaExceeded } => AgentErrorCode.NoSpace,
            InvalidDataException => AgentErrorCode.BadRequest,
            _ => AgentErrorCode.Failed,
        },
        Message = error.Message,
    });
}
