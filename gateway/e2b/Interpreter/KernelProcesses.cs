using ToolRuntime.E2b.Client;
using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.E2b.Interpreter;

/// <summary>Starts and ends kernels as workers of sandboxes.</summary>
internal sealed class KernelProcesses(SandboxClient client, TimeProvider time)
{
    /// <summary>How long a kernel may take to start.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int SignalKill = 9;
    private static readonly AgentUser s_user = new(1000, 1000);

    /// <summary>Starts a kernel and waits until it is ready.</summary>
    /// <exception cref="FunctionFaultException">LoadFailed: it does not start.</exception>
    public async Task<KernelConnection> StartAsync(SandboxRecord sandbox, KernelLanguage language, string worker, string cwd, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var request = new AgentRequest { Op = AgentOperation.WorkerStart, Id = worker, Argv = language.Command, Cwd = cwd, User = s_user };
            await client.AskAsync(sandbox, request, linked.Token);
            var (stream, _) = await client.OpenAsync(sandbox, new AgentRequest { Op = AgentOperation.WorkerOpen, Id = worker }, linked.Token);
            var connection = new KernelConnection(stream, cwd);
            await connection.ReadyAsync(linked.Token);
            connection.Watch();
            return connection;
        }
        catch (AgentException error)
        {
            throw new FunctionFaultException(Missing(sandbox, language, error.Message), error);
        }
        catch (EndOfStreamException error)
        {
            throw new FunctionFaultException(Missing(sandbox, language, await OutputAsync(sandbox, worker, cancellationToken)), error);
        }
    }

    /// <summary>Kills a kernel, if it is there, and waits for its end.</summary>
    public async Task EndAsync(SandboxRecord sandbox, string worker, CancellationToken cancellationToken)
    {
        try
        {
            var (stream, _) = await client.OpenAsync(sandbox, new AgentRequest { Op = AgentOperation.WorkerOpen, Id = worker }, cancellationToken);
            await using var output = stream;
            await client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.Signal, Id = worker, Signal = SignalKill }, cancellationToken);
            var buffer = new byte[4096];
            while (await output.ReadAsync(buffer, cancellationToken) > 0)
            {
                // Its stream ends with its process.
            }
        }
        catch (AgentException error) when (error.Code == AgentErrorCode.NotFound)
        {
            return;
        }
    }

    /// <summary>Makes the folder that a kernel is to begin in, if it is not there.</summary>
    /// <exception cref="FunctionFaultException">InvalidArguments: it cannot be made.</exception>
    public async Task MakeFolderAsync(SandboxRecord sandbox, string path, CancellationToken cancellationToken)
    {
        try
        {
            await client.AskAsync(sandbox, new AgentRequest { Op = AgentOperation.MakeFolder, Path = path, Recursive = true, User = s_user }, cancellationToken);
        }
        catch (AgentException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.InvalidArguments, $"cwd '{path}' cannot be a context's folder: {error.Message}", "name a folder, by its whole path"), error);
        }
    }

    private static FunctionFault Missing(SandboxRecord sandbox, KernelLanguage language, string detail) => new(
        FaultCode.LoadFailed,
        $"{language.Name} does not start in this sandbox, whose image is '{sandbox.Template}'; the image '{language.Image}' has it",
        $"make the sandbox from the image '{language.Image}'",
        detail);

    private async Task<string> OutputAsync(SandboxRecord sandbox, string worker, CancellationToken cancellationToken)
    {
        var (stream, reply) = await client.OpenAsync(sandbox, new AgentRequest { Op = AgentOperation.WorkerOutput, Id = worker }, cancellationToken);
        await using var process = new AgentProcess(worker, reply.Pid, stream);
        var text = new System.Text.StringBuilder();
        while (text.Length < 4096 && await process.ReadAsync(cancellationToken) is { } piece)
        {
            text.Append(System.Text.Encoding.UTF8.GetString(piece.Data.Span));
        }

        return text.ToString();
    }
}
