using ToolRuntime.Runtime.Sandboxes;
using ToolRuntime.Sandbox.Agent;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Runtime.Sessions;

/// <summary>
/// A process in a sandbox as one duplex stream: what is read is its stdout, what is written its stdin; stderr goes to the function's
/// logs. Disposing ends the process.
/// </summary>
internal sealed class ProcessStream(AgentProcess process, AgentClient agent, WorkerOutput output, TimeProvider time, Func<Task> onClosed) : Stream
{
    private const int SignalKill = 9;
    private const int MaximumTail = 16 << 10;
    private static readonly TimeSpan s_killDeadline = TimeSpan.FromSeconds(2);
    private readonly StderrLines _stderr = new(output);
    private ReadOnlyMemory<byte> _rest;
    private long _lastUse = time.GetTimestamp();
    private int _closed;

    /// <summary>How long nothing has gone through.</summary>
    public TimeSpan Idle => time.GetElapsedTime(Volatile.Read(ref _lastUse));

    /// <summary>The last lines of its stderr, at most 16 KiB.</summary>
    public string ErrorTail => _stderr.Tail is var tail && tail.Length > MaximumTail ? tail[^MaximumTail..] : tail;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            if (await process.ReadAsync(cancellationToken) is not { } piece)
            {
                return 0;
            }

            Touch();
            if (piece.IsError)
            {
                _stderr.Add(piece.Data.Span);
            }
            else
            {
                _rest = piece.Data;
            }
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Touch();
        await process.WriteAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            await EndProcessAsync();
            await onClosed();
        }

        await base.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _ = EndProcessAsync().ContinueWith(_ => onClosed(), TaskScheduler.Default);
        }

        base.Dispose(disposing);
    }

    private void Touch() => Volatile.Write(ref _lastUse, time.GetTimestamp());

    private async Task EndProcessAsync()
    {
        try
        {
            using var deadline = new CancellationTokenSource(s_killDeadline, time);
            if (process.Exit is null)
            {
                await agent.SignalAsync(process.Id, SignalKill, deadline.Token);
            }

            await process.DisposeAsync();
        }
        catch (Exception)
        {
            // The rim of an end: the sandbox may be gone already, and the slot must be given back whatever happens.
            return;
        }
    }
}
