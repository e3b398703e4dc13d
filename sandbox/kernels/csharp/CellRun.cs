using System.Runtime.ExceptionServices;

namespace ToolRuntime.Kernels.CSharp;

/// <summary>One run of a cell, on a thread of its own: an interrupt that comes too late ends with the thread.</summary>
internal sealed class CellRun : IDisposable
{
    // What computes meets a check at once. What sleeps or waits is woken, but only then: it might be us who wait for a lock.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);

    // Signals go through two threads before they come here: one of the cell before may be late. Hosts repeat them until they are heeded.
    private static readonly TimeSpan s_deaf = TimeSpan.FromMilliseconds(50);
    private readonly long _made = TimeProvider.System.GetTimestamp();
    private readonly CancellationTokenSource _interrupt = new();
    private readonly Thread _thread;
    private ITimer? _timer;
    private ExceptionDispatchInfo? _thrown;

    /// <summary>Will run <paramref name="cell"/>.</summary>
    public CellRun(Action<CancellationToken> cell) => _thread = new Thread(() => Run(cell)) { IsBackground = true, Name = "cell" };

    /// <summary>Cancelled soon after an interrupt.</summary>
    public CancellationToken Token => _interrupt.Token;

    /// <summary>Whether an interrupt has come.</summary>
    public bool IsInterrupted { get; private set; }

    /// <summary>Runs the cell; throws what it throws.</summary>
    /// <exception cref="OperationCanceledException">An interrupt has come, and the cell ended as if none had.</exception>
    public void RunToEnd()
    {
        _thread.Start();
        _thread.Join();
        _thrown?.Throw();
        if (IsInterrupted)
        {
            throw new OperationCanceledException();
        }
    }

    /// <summary>Breaks the cell off, unless it has only just begun.</summary>
    public void Interrupt()
    {
        if (TimeProvider.System.GetElapsedTime(_made) < s_deaf)
        {
            return;
        }

        IsInterrupted = true;
        Interrupts.Interrupt(this);

        // Callbacks of the token may wait for the cell, and this is called under a lock.
        ThreadPool.UnsafeQueueUserWorkItem(static source => Cancel(source), _interrupt, preferLocal: false);
        _timer ??= TimeProvider.System.CreateTimer(static thread => ((Thread)thread!).Interrupt(), _thread, s_patience, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        _interrupt.Dispose();
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (Exception error) when (error is ObjectDisposedException or AggregateException)
        {
            // The cell has ended meanwhile, or what it does when it is broken off failed: neither is the kernel's end.
        }
    }

    private void Run(Action<CancellationToken> cell)
    {
        try
        {
            Interrupts.Begin(this);
            cell(_interrupt.Token);
        }
        catch (Exception error)
        {
            // The rim of the thread: it is thrown again where the cell's end is awaited.
            _thrown = ExceptionDispatchInfo.Capture(error);
        }
    }
}
