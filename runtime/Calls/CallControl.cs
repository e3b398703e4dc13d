using ToolRuntime.Bus.Queue;
using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Calls;

/// <summary>What can end a call from outside: its deadline, a cancel, a drain, another writer. The first one counts.</summary>
internal sealed class CallControl : IDisposable
{
    // Not disposed: a late signal may still reach it, and it holds no timer.
    private readonly CancellationTokenSource _source = new();
    private readonly ITimer _deadline;
    private readonly IDisposable _listening;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _until;
    private int _end;

    /// <summary>Begins to listen.</summary>
    public CallControl(Invocation invocation, ControlSignals signals, Action<ControlSignal> onInput, TimeProvider time)
    {
        (_time, _until) = (time, invocation.Deadline);
        var left = invocation.Deadline - time.GetUtcNow();
        _deadline = time.CreateTimer(static s => ((CallControl)s!).TryEnd(CallEnd.Deadline), this, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        _listening = signals.Listen(invocation, signal =>
        {
            if (signal.Kind == ControlKind.Cancel)
            {
                TryEnd(CallEnd.Cancelled);
            }
            else
            {
                onInput(signal);
            }
        });
    }

    /// <summary>The clock.</summary>
    public TimeProvider Time => _time;

    /// <summary>Ends with the first reason.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The first reason.</summary>
    public CallEnd End => (CallEnd)Volatile.Read(ref _end);

    /// <summary>Whether it has ended, by the clock: a timer may be late, and then which of two calls came first would be chance.</summary>
    public bool HasEnded()
    {
        if (_time.GetUtcNow() >= _until)
        {
            TryEnd(CallEnd.Deadline);
        }

        return End != CallEnd.None;
    }

    /// <summary>Ends the call, unless it has been ended. Never blocks: what follows runs elsewhere.</summary>
    public void TryEnd(CallEnd reason)
    {
        if (Interlocked.CompareExchange(ref _end, (int)reason, (int)CallEnd.None) == (int)CallEnd.None)
        {
            _ = _source.CancelAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _deadline.Dispose();
        _listening.Dispose();
    }
}
