using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Queue;
using ToolRuntime.Runtime.Calls;

namespace ToolRuntime.Runtime.Hosting;

/// <summary>Step 4 of the way of a call: takes deliveries and starts each on the thread that took it; no thread belongs to a call.</summary>
internal sealed partial class DeliveryLoop(CallServices services, ILogger logger)
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<CallRun, Task> _running = new();

    /// <summary>Calls that have been taken and not settled.</summary>
    public int InFlight => _running.Count;

    /// <summary>Takes until the token ends.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var options = services.Options;
                await foreach (var delivery in services.Bus.Queue.TakeAsync(options.RuntimeId, options.Pools, options.MaximumInFlight, cancellationToken))
                {
                    Start(delivery);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // The rim of the take: calls wait in the queue until the bus is back.
                TakeFailed(error);
                await Task.Delay(s_retry, services.Clock.Time, cancellationToken).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Gives back what has not begun, and waits for the rest until the token ends; then gives that up too.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        foreach (var run in _running.Keys.Where(r => !r.IsDispatched))
        {
            run.HandOver();
        }

        try
        {
            await Task.WhenAll(_running.Values).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Undrained(_running.Count);
            foreach (var run in _running.Keys)
            {
                run.HandOver();
            }

            await Task.WhenAll(_running.Values);
        }
    }

    private void Start(Delivery delivery)
    {
        if (delivery.Attempt > 1 && _running.Keys.Any(r => r.Is(delivery.Invocation)))
        {
            // In-progress came too late, on a busy machine or after the server was away. The call goes on here, and its own settling settles this one.
            delivery.Abandon();
            RunsHere(delivery.Invocation.Id);
            return;
        }

        var run = new CallRun(delivery, services);
        var task = run.RunAsync();
        if (task.IsCompleted)
        {
            run.Dispose();
            return;
        }

        _running[run] = task;
        _ = task.ContinueWith(
            static (_, state) =>
            {
                var (running, ended) = ((ConcurrentDictionary<CallRun, Task>, CallRun))state!;
                running.TryRemove(ended, out Task? _);
                ended.Dispose();
            },
            (_running, run),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "invocation {Invocation} was delivered again while it runs here; it goes on")]
    private partial void RunsHere(string invocation);

    [LoggerMessage(Level = LogLevel.Error, Message = "invocations cannot be taken; trying again")]
    private partial void TakeFailed(Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} calls did not end within the drain deadline")]
    private partial void Undrained(int count);
}
