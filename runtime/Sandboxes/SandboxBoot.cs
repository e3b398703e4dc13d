using ToolRuntime.Bus.Logs;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Workers;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>Makes a leased sandbox into one of a function: leases, listens to what it prints, loads the code once.</summary>
internal sealed class SandboxBoot(FunctionLeases leases, FunctionLogs logs, StoredSecrets secrets, TimeProvider time, TimeSpan loadTimeout)
{
    /// <summary>A sandbox of <paramref name="version"/> that is ready for calls.</summary>
    /// <exception cref="FunctionFaultException">PoolExhausted, SandboxLost, LoadFailed, or BusUnavailable where no gateway gives the secrets.</exception>
    public async Task<FunctionSandbox> BootAsync(FunctionVersion version, SandboxKey key, IProgress<WaitingPlace>? waiting, CancellationToken cancellationToken)
    {
        try
        {
            return await MakeAsync(version, key, waiting, cancellationToken);
        }
        catch (FunctionFaultException error)
        {
            // Nobody may wait for this sandbox, and then nobody would hear of it.
            var text = error.Fault.Hint is { } hint ? $"{error.Fault.Message} ({hint})" : error.Fault.Message;
            logs.Append(version.Tenant, version.Manifest.Name, new LogLine(time.GetUtcNow(), "", "log", "error", text));
            throw;
        }
    }

    /// <summary>The environment of a function with its secrets, for processes of an MCP server.</summary>
    /// <exception cref="FunctionFaultException">LoadFailed: one is not stored. BusUnavailable: no gateway answers.</exception>
    public ValueTask<IReadOnlyDictionary<string, string>> EnvironmentOfAsync(FunctionVersion version, CancellationToken cancellationToken) =>
        secrets.EnvironmentOfAsync(version, cancellationToken);

    /// <summary>The kind of warm sandbox that a version takes.</summary>
    public static PoolKind KindOf(FunctionVersion version) => new(version.Pool, version.Manifest.Language);

    private async Task<FunctionSandbox> MakeAsync(FunctionVersion version, SandboxKey key, IProgress<WaitingPlace>? waiting, CancellationToken cancellationToken)
    {
        var manifest = version.Manifest;

        // Before the lease: no sandbox is spent on a function whose secrets are not stored. A server's process gets its environment with its pipe.
        var environment = manifest.Language == FunctionLanguage.Mcp ? null : await secrets.EnvironmentOfAsync(version, cancellationToken);
        var (lease, beside) = await leases.LeaseAsync(version, waiting, cancellationToken);
        var output = new WorkerOutput(logs, time, version.Tenant, manifest.Name);
        var sandbox = new FunctionSandbox(lease, key, version, output, time) { Beside = beside };
        try
        {
            if (environment is not null)
            {
                sandbox.Listen();
                await LoadAsync(sandbox, new LoadRequest(manifest, environment, Inspect: false), cancellationToken);
            }

            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    private async Task LoadAsync(FunctionSandbox sandbox, LoadRequest request, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(time, loadTimeout, cancellationToken);
        try
        {
            await sandbox.Connection.LoadAsync(request, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FunctionFaultException(
                FaultCode.LoadFailed,
                $"{request.Manifest.Name}: loading took longer than {loadTimeout.TotalSeconds:0} s",
                "move slow work out of the module's top level");
        }
        catch (FunctionFaultException error) when (error.Fault.Code == FaultCode.WorkerLost)
        {
            var loss = await sandbox.DescribeLossAsync();
            throw new FunctionFaultException(
                loss.Code is FaultCode.WorkerLost ? FaultCode.LoadFailed : loss.Code,
                loss.Message.Replace("while it ran the call", "while it loaded the function", StringComparison.Ordinal),
                loss.Hint);
        }
    }
}
