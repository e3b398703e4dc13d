using System.Text.Json;
using System.Threading.Channels;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Calls;

/// <summary>
/// Tells the owners of sessions that are over, one after the other, behind the requests that ended them. At most 10,000 wait; what comes
/// beyond, or cannot be told in time, is freed by its idle time.
/// </summary>
public sealed partial class SessionEnds(TimeProvider time, ILogger<SessionEnds> log, MessageBus? bus = null) : BackgroundService
{
    private const int MaximumWaiting = 10_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private readonly Channel<SessionEnd> _ended = Channel.CreateBounded<SessionEnd>(new BoundedChannelOptions(MaximumWaiting) { SingleReader = true });

    /// <summary>Says that a session is over.</summary>
    public void Tell(SessionEnd end) => _ended.Writer.TryWrite(end);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var end in _ended.Reader.ReadAllAsync(stoppingToken))
            {
                await TellAsync(end, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends; idle time frees the rest.
        }
    }

    private async Task TellAsync(SessionEnd end, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var timer = time.CreateTimer(static s => ((CancellationTokenSource)s!).Cancel(), patience, s_patience, Timeout.InfiniteTimeSpan);
        try
        {
            if (bus is not null && await bus.Owners.GetAsync(end.Tenant, end.Session, patience.Token) is { } owner)
            {
                await bus.Requests.RequestAsync(SessionEnd.RequestNameOf(owner.Runtime), JsonSerializer.SerializeToUtf8Bytes(end, FunctionsJson.Default.SessionEnd), patience.Token);
            }
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // The rim of the loop: the next session's end must be told whatever happened to this one's.
            NotTold(log, end.Session, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The runtime of session {Session} could not be told that it is over; its sandboxes end when idle")]
    private static partial void NotTold(ILogger log, string session, Exception error);
}
