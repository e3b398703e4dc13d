using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Pipes;
using ToolRuntime.Functions;
using ToolRuntime.Runtime.Sandboxes;

namespace ToolRuntime.Runtime.Sessions;

/// <summary>
/// The runtime's end of session pipes: an MCP server's stdio or port, in the session's own sandbox of that function. A pipe through which
/// nothing has gone for <c>pool.idleSeconds</c> is closed, and its sandbox ended.
/// </summary>
internal sealed partial class McpPipes(MessageBus bus, FunctionSandboxes sandboxes, SessionClaims claims, TimeProvider time, ILogger<McpPipes> logger) : IAsyncDisposable
{
    private static readonly TimeSpan s_openDeadline = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_idleCheck = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<ProcessStream, OpenPipe> _open = new();
    private readonly McpPorts _ports = new(sandboxes, time);

    /// <summary>Opens a pipe's runtime side.</summary>
    /// <exception cref="FunctionFaultException">The pipe leads to nothing that can be opened here; says why.</exception>
    public async ValueTask<Stream> AcceptAsync(PipeAddress address, CancellationToken cancellationToken)
    {
        if (address.Target is not (PipeTarget.Mcp or PipeTarget.Port))
        {
            throw new FunctionFaultException(FaultCode.InvalidArguments, $"pipes to a {address.Target} are not served by this runtime yet");
        }

        var version = await VersionOfAsync(address, cancellationToken);
        if (await claims.TakeAsync(address.Session, version, cancellationToken) is { } owner)
        {
            throw new FunctionFaultException(FaultCode.SandboxLost, $"session {address.Session} belongs to runtime {owner.Runtime}", "open the pipe again: it then goes there");
        }

        using var deadline = new CancellationTokenSource(s_openDeadline, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        if (address.Target == PipeTarget.Port)
        {
            return version.Manifest.Port is not null
                ? await _ports.OpenAsync(address, version, linked.Token)
                : throw new FunctionFaultException(FaultCode.InvalidArguments, $"{address.Argument} names no port");
        }

        var environment = await sandboxes.Boot.EnvironmentOfAsync(version, linked.Token);
        var slot = await sandboxes.AcquireAsync(version, new SandboxKey(address.Session, SingleUse: false), progress: null, linked.Token);
        try
        {
            var process = await McpProcess.StartAsync(slot.Sandbox, version, environment, linked.Token);
            ProcessStream? stream = null;
            stream = new ProcessStream(process, slot.Sandbox.Lease.Agent, slot.Sandbox.Output, time, () => CloseAsync(stream!, slot));
            _open[stream] = new OpenPipe(address, slot);
            Opened(address.Argument, address.Session);
            return stream;
        }
        catch
        {
            sandboxes.Release(slot);
            throw;
        }
    }

    /// <summary>Closes pipes that nobody uses until the token ends.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(s_idleCheck, time);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await _ports.SweepAsync();
                foreach (var (stream, pipe) in _open)
                {
                    if (stream.Idle >= TimeSpan.FromSeconds(pipe.Slot.Pool.Version.Manifest.Pool.IdleSeconds))
                    {
                        await stream.DisposeAsync();
                        await pipe.Slot.Pool.EndAsync(pipe.Address.Session);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    /// <summary>Closes the pipes of a session that is over.</summary>
    public async Task EndSessionAsync(string tenant, string session)
    {
        foreach (var (stream, _) in _open.Where(p => p.Value.Address.Tenant == tenant && p.Value.Address.Session == session))
        {
            await stream.DisposeAsync();
        }

        await _ports.EndSessionAsync(tenant, session);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ports.DisposeAsync();
        foreach (var stream in _open.Keys)
        {
            await stream.DisposeAsync();
        }
    }

    private Task CloseAsync(ProcessStream stream, SandboxSlot slot)
    {
        _open.TryRemove(stream, out _);
        sandboxes.Release(slot);
        return Task.CompletedTask;
    }

    private async ValueTask<FunctionVersion> VersionOfAsync(PipeAddress address, CancellationToken cancellationToken)
    {
        var at = address.Argument.LastIndexOf('@');
        var digest = at > 0 ? address.Argument[(at + 1)..] : "";
        var version = digest.Length > 0 ? await bus.Catalog.GetVersionAsync(address.Tenant, digest, cancellationToken) : null;
        return version is { Manifest.Language: FunctionLanguage.Mcp }
            ? version
            : throw new FunctionFaultException(FaultCode.ToolNotFound, $"{address.Argument}: no MCP server of that version is deployed");
    }

    private sealed record OpenPipe(PipeAddress Address, SandboxSlot Slot);

    [LoggerMessage(Level = LogLevel.Debug, Message = "MCP server {Server} started for session {Session}")]
    private partial void Opened(string server, string session);
}
