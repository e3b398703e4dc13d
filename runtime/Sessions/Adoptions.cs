using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Queue;

namespace ToolRuntime.Runtime.Sessions;

/// <summary>Takes over sessions whose runtime is gone while calls wait for it; looks twice in a heartbeat.</summary>
internal sealed partial class Adoptions(DeadOwners dead, SessionClaims claims, RuntimeOptions options, TimeProvider time, ILogger<Adoptions> logger)
{
    /// <summary>Looks until the token ends.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.OwnerLifetime / 6, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await AdoptAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task AdoptAsync(CancellationToken cancellationToken)
    {
        try
        {
            await dead.AdoptAsync(options.RuntimeId, [.. options.Pools], claims.AdoptAsync, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The rim of the loop: what was not moved stands, and the next look finds it.
            Failed(error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "calls of runtimes that are gone could not be looked for")]
    private partial void Failed(Exception error);
}
