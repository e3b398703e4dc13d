using ToolRuntime.Bus.Logs;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Runtime.Workers;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Building;

/// <summary>What of a build must run user code runs here: in a leased sandbox, with a deadline, without the function's secrets.</summary>
internal sealed class BuildSandbox(FunctionLeases leases, FunctionLogs logs, TimeProvider time, TimeSpan loadTimeout)
{
    private const int MaximumOutput = 64 << 10;
    private readonly Dictionary<string, string> _pythonVersions = new(StringComparer.Ordinal);

    /// <summary>Loads the code, and reads its tools unless the draft has them; what the worker compiles meanwhile is kept where <paramref name="compiled"/> is given.</summary>
    /// <exception cref="FunctionFaultException">LoadFailed, with the worker's words.</exception>
    public async Task<LoadedFunction> InspectAsync(FunctionVersion draft, CompiledScript? compiled, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(time, loadTimeout, cancellationToken);
        await using var sandbox = await LeaseAsync(draft, deadline.Token);
        sandbox.Listen();
        try
        {
            var request = new LoadRequest(draft.Manifest, draft.Manifest.Environment, Inspect: draft.Tools.Count == 0, compiled is null ? null : CompiledScript.GuestFolder);
            var loaded = await sandbox.Connection.LoadAsync(request, deadline.Token);
            await (compiled?.FetchAsync(sandbox.Lease.Agent, deadline.Token) ?? Task.CompletedTask);
            return loaded;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FunctionFaultException(
                FaultCode.LoadFailed,
                $"{draft.Manifest.Entry}: loading took longer than {loadTimeout.TotalSeconds:0} s",
                "move slow work out of the module's top level");
        }
        catch (FunctionFaultException error) when (error.Fault.Code == FaultCode.WorkerLost)
        {
            var loss = await sandbox.DescribeLossAsync();
            throw new FunctionFaultException(
                FaultCode.LoadFailed,
                $"{draft.Manifest.Entry}: {loss.Message.Replace("while it ran the call", "while it loaded the code", StringComparison.Ordinal)}",
                loss.Hint ?? "the code's top level must not end the process");
        }
    }

    /// <summary>The Python version of an image, <c>3.11</c>; asked once.</summary>
    public async Task<string> PythonVersionAsync(FunctionVersion draft, CancellationToken cancellationToken)
    {
        lock (_pythonVersions)
        {
            if (_pythonVersions.TryGetValue(draft.Pool, out var known))
            {
                return known;
            }
        }

        using var deadline = new Deadline(time, loadTimeout, cancellationToken);
        await using var sandbox = await LeaseAsync(draft with { Layers = [] }, deadline.Token);
        var version = await RunAsync(sandbox, ["python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], deadline.Token);
        lock (_pythonVersions)
        {
            return _pythonVersions[draft.Pool] = version.Trim();
        }
    }

    /// <summary>A sandbox with the draft's layers, ours until disposed.</summary>
    public async Task<FunctionSandbox> LeaseAsync(FunctionVersion draft, CancellationToken cancellationToken)
    {
        var (lease, beside) = await leases.LeaseAsync(draft, waiting: null, cancellationToken);
        return new FunctionSandbox(lease, SandboxKey.Everyone, draft, new WorkerOutput(logs, time, draft.Tenant, draft.Manifest.Name), time) { Beside = beside };
    }

    private static async Task<string> RunAsync(FunctionSandbox sandbox, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        await using var process = await sandbox.Lease.Agent.SpawnAsync(new ProcessSpec { Arguments = arguments }, cancellationToken);
        using var output = new MemoryStream();
        while (await process.ReadAsync(cancellationToken) is { } piece)
        {
            if (!piece.IsError && output.Length < MaximumOutput)
            {
                output.Write(piece.Data.Span);
            }
        }

        return System.Text.Encoding.UTF8.GetString(output.ToArray());
    }
}
