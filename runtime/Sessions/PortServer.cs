using ToolRuntime.Functions;
using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Sessions;

/// <summary>A process that listens on a port of its sandbox. What it prints is read past to the function's logs.</summary>
internal sealed class PortServer : IAsyncDisposable
{
    private readonly ProcessStream _output;
    private readonly int _port;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _reading;
    private long _lastUse;

    public PortServer(SandboxSlot slot, ProcessStream output, int port, TimeProvider time)
    {
        (Slot, _output, _port, _time) = (slot, output, port, time);
        _lastUse = time.GetTimestamp();
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Its place in a sandbox.</summary>
    public SandboxSlot Slot { get; }

    /// <summary>How long nothing has gone through its connections.</summary>
    public TimeSpan Idle => _time.GetElapsedTime(Volatile.Read(ref _lastUse));

    /// <summary>Whether the process is gone.</summary>
    public bool HasEnded => _reading.IsCompleted;

    /// <summary>A connection to the port; tried again while the process has not begun to listen.</summary>
    /// <exception cref="FunctionFaultException">The process ended first; says what it printed last.</exception>
    public async ValueTask<Stream> DialAsync(TimeSpan again, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (HasEnded)
            {
                throw new FunctionFaultException(FaultCode.SandboxLost, $"the MCP server ended before it listened on port {_port}", "look at its logs", _output.ErrorTail);
            }

            try
            {
                return new UsedStream(await Slot.Sandbox.Lease.Agent.DialPortAsync(_port, cancellationToken), Touch);
            }
            catch (AgentException)
            {
                // Nobody listens yet; the process's end or the caller's patience ends the tries.
                await Task.Delay(again, _time, cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _output.DisposeAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task ReadAsync()
    {
        var piece = new byte[4096];
        while (await _output.ReadAsync(piece, _ending.Token) > 0)
        {
            // What it prints to stdout is of no use here; unread it would stop the process.
            Touch();
        }
    }

    private void Touch() => Volatile.Write(ref _lastUse, _time.GetTimestamp());
}
