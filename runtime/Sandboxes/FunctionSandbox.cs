using ToolRuntime.Functions;
using ToolRuntime.Runtime.Workers;
using ToolRuntime.Sandbox.Pools;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>One sandbox of a function. Its counters belong to the pool that holds it and are changed under that pool's lock.</summary>
internal sealed class FunctionSandbox(ISandboxLease lease, SandboxKey key, FunctionVersion version, WorkerOutput output, TimeProvider time) : IAsyncDisposable
{
    private const int SignalKill = 9;
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_freezeAfter = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _closing = new();
    private Task<ProcessExit?> _exit = Task.FromResult<ProcessExit?>(null);
    private Task<FunctionFault>? _loss;
    private int _disposed;

    /// <summary>Who may use it.</summary>
    public SandboxKey Key { get; } = key;

    /// <summary>What it runs.</summary>
    public FunctionVersion Version { get; } = version;

    /// <summary>Its lease.</summary>
    public ISandboxLease Lease { get; } = lease;

    /// <summary>What ends with it.</summary>
    public IAsyncDisposable? Beside { get; init; }

    /// <summary>Keeps what it prints.</summary>
    public WorkerOutput Output { get; } = output;

    /// <summary>The stream to its worker; set by <see cref="Listen"/>, null in a sandbox of an MCP server.</summary>
    public WorkerConnection Connection { get; private set; } = null!;

    /// <summary>Ends when it can serve no more: with its worker or, where it has none, with itself.</summary>
    public Task Ended => Connection is { } worker ? worker.Ended : Lease.Ended;

    /// <summary>Calls that run in it.</summary>
    public int InFlight { get; set; }

    /// <summary>Whether nothing comes after the calls that run in it.</summary>
    public bool EndsWhenFree { get; set; }

    /// <summary>When its last call ended, or when it became ready.</summary>
    public DateTimeOffset IdleSince { get; set; } = time.GetUtcNow();

    /// <summary>Lets it stand still where no call runs in it. An MCP server goes on: it may have something to say by itself.</summary>
    public void FreezeIdle(DateTimeOffset now)
    {
        if (InFlight == 0 && Connection is not null && !Lease.IsFrozen && now - IdleSince >= s_freezeAfter)
        {
            Lease.Freeze();
        }
    }

    /// <summary>Begins to read its worker.</summary>
    public void Listen()
    {
        Connection = WorkerConnection.Start(Lease.Worker, OnWorkerFrame);
        _exit = Output.PumpAsync(Lease.Agent, Lease.WorkerId, _closing.Token);
    }

    /// <summary>Ends the worker process: what it runs is lost. Where even that fails, the sandbox ends.</summary>
    public async Task KillWorkerAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(s_settle, time);
            await Lease.Agent.SignalAsync(Lease.WorkerId, SignalKill, deadline.Token);
            await Connection.Ended.WaitAsync(s_settle, time);
        }
        catch (Exception error) when (error is OperationCanceledException or TimeoutException or IOException or InvalidDataException
            or ObjectDisposedException or InvalidOperationException or FunctionFaultException)
        {
            await DisposeAsync();
        }
    }

    /// <summary>Why its worker was lost; found out once. Waits a moment for whoever knows.</summary>
    public Task<FunctionFault> DescribeLossAsync()
    {
        lock (_closing)
        {
            return _loss ??= FindLossAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _closing.CancelAsync();
        await Lease.DisposeAsync();
        await (Beside?.DisposeAsync() ?? ValueTask.CompletedTask);
        if (Connection is { } connection)
        {
            await connection.DisposeAsync();
        }

        await _exit;
    }

    private async Task<FunctionFault> FindLossAsync()
    {
        var reason = Connection is { } worker ? await worker.Ended : "the sandbox ended";
        await Task.WhenAny(Lease.Ended, _exit, Task.Delay(s_settle, time, _closing.Token));
        var exit = _exit.IsCompletedSuccessfully ? _exit.Result : null;
        if (exit is null)
        {
            await Task.WhenAny(Lease.Ended, Task.Delay(s_settle, time, _closing.Token));
        }

        SandboxEnd? end = Lease.Ended.IsCompletedSuccessfully ? Lease.Ended.Result : null;
        return SandboxDecisions.Loss(end, exit, reason, Version.Manifest.Limits.MemoryMiB);
    }

    private ValueTask OnWorkerFrame(WorkerFrame frame)
    {
        if (frame.Type == Sandbox.Protocol.WorkerFrameType.Log)
        {
            Output.Keep(frame);
        }

        return ValueTask.CompletedTask;
    }
}
