using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

using ToolRuntime.Functions;

namespace ToolRuntime.Runtime.Live;

/// <summary>What happens to sandboxes as time passes.</summary>
internal sealed partial class LiveClock(LiveSandboxes sandboxes, LiveOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(250);

    // Longer than a burst of creates: its answers have the processors to themselves.
    private static readonly TimeSpan s_equip = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_renew = TimeSpan.FromHours(12);
    private readonly ConcurrentDictionary<LiveSandbox, Task> _busy = new();

    /// <summary>Goes on until the token ends, and then waits for what has begun.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var (measured, renewed) = (time.GetTimestamp(), time.GetTimestamp());
        try
        {
            using var timer = new PeriodicTimer(s_tick, time);
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var measures = time.GetElapsedTime(measured) >= options.MeasureEvery;
                measured = measures ? time.GetTimestamp() : measured;
                foreach (var sandbox in sandboxes.All.Where(s => !_busy.ContainsKey(s)))
                {
                    if (Due(sandbox, measures) is { } action)
                    {
                        // It begins when it stands in the table: one that is quicker would stay there for ever, and its sandbox with it.
                        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                        _busy[sandbox] = RunAsync(sandbox, action, entered.Task, cancellationToken);
                        entered.SetResult();
                    }
                }

                if (time.GetElapsedTime(renewed) >= s_renew)
                {
                    renewed = time.GetTimestamp();
                    await sandboxes.RenewAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(_busy.Values);
        }
    }

    /// <summary>What is due for a sandbox, or null. Pure but for the clock.</summary>
    private Func<LiveSandbox, CancellationToken, Task>? Due(LiveSandbox sandbox, bool measures)
    {
        var now = time.GetUtcNow();
        if (sandbox.IsGone)
        {
            return null;
        }

        if (sandbox.Lease is null)
        {
            return sandbox.Record.State == SandboxState.Paused && sandbox.Record.EndAt <= now ? sandboxes.EndAsync : null;
        }

        if (sandbox.EndAt(now) <= now)
        {
            return sandbox.Record.Settings.PausesAtEnd ? sandboxes.PauseAtEndAsync : sandboxes.EndAsync;
        }

        if (!sandbox.IsEquipped && now - sandbox.Record.StartedAt >= s_equip)
        {
            return (s, _) => s.Ready;
        }

        var every = sandbox.Record.Settings.CheckpointSeconds;
        if (every > 0 && now - sandbox.CheckpointedAt >= TimeSpan.FromSeconds(every))
        {
            return sandboxes.CheckpointAsync;
        }

        return measures && sandbox.IsEquipped ? (s, token) => LiveMeter.MeasureAsync(s, time, token) : null;
    }

    private async Task RunAsync(LiveSandbox sandbox, Func<LiveSandbox, CancellationToken, Task> action, Task entered, CancellationToken cancellationToken)
    {
        await entered;
        try
        {
            await action(sandbox, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The rim of the clock: the next tick tries again, the others go on.
            LogFailed(logger, sandbox.Record.Id, error);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        finally
        {
            _busy.TryRemove(sandbox, out _);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "sandbox {Sandbox}: what was due could not be done")]
    private static partial void LogFailed(ILogger logger, string sandbox, Exception error);
}
