using System.Collections.Concurrent;

using Microsoft.Extensions.Hosting;

using ToolRuntime.Gateway.Calls;

namespace ToolRuntime.Gateway.Streams;

/// <summary>
/// Looks once a second after the answers that are under way: those that take long become streams, streams get keep-alives. One timer for
/// all costs nothing per call.
/// </summary>
public sealed class ReplyKeeper(CallOptions options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<Reply, long> _due = new();

    /// <summary>Keeps <paramref name="reply"/> alive from <see cref="CallOptions.UpgradeAfter"/> on, until <see cref="Leave"/>.</summary>
    public void Watch(Reply reply) => _due[reply] = After(options.UpgradeAfter);

    /// <summary>No longer keeps it.</summary>
    public void Leave(Reply reply) => _due.TryRemove(reply, out _);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_tick, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var now = time.GetTimestamp();
            foreach (var (reply, due) in _due)
            {
                if (due <= now)
                {
                    _due.TryUpdate(reply, After(options.KeepAlive), due);
                    _ = KeepAsync(reply);
                }
            }
        }
    }

    private static async Task KeepAsync(Reply reply)
    {
        try
        {
            await reply.KeepAliveAsync(reply.Aborted);
        }
        catch (Exception)
        {
            // The rim of a task nobody waits for: a client that left is noticed by the call's own writer.
        }
    }

    private long After(TimeSpan delay) => time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
}
