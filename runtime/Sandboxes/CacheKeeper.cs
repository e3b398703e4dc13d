using Microsoft.Extensions.Logging;

using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>Says which layers and images of the machine's cache this runtime goes on using, and removes what no runtime uses any more, in the background.</summary>
internal sealed partial class CacheKeeper(FunctionSandboxes sandboxes, WarmPools pools, TimeSpan unusedFor, TimeProvider time, ILogger<CacheKeeper> logger)
{
    // A start must not be slowed down by it, and a machine that is up for minutes only must come to it too.
    private static readonly TimeSpan s_first = TimeSpan.FromMinutes(1);

    // Half of the time for which a use holds.
    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(30);

    /// <summary>Goes on until the token ends.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(s_first, time, cancellationToken);
            while (true)
            {
                await RoundAsync(cancellationToken);
                await Task.Delay(s_every, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            var used = sandboxes.Pools.Where(p => p.View is { Live: > 0 } or { Booting: > 0 }).SelectMany(p => p.Version.Layers.Select(l => (p.Version.Tenant, l))).ToList();
            foreach (var folder in await pools.CollectCacheAsync(used, unusedFor, cancellationToken))
            {
                Removed(folder);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The rim of the loop: what was not removed goes in a later round.
            RoundFailed(error);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Folder} was used by nobody for long and is removed from the cache")]
    private partial void Removed(string folder);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the cache could not be gone through; the next round tries again")]
    private partial void RoundFailed(Exception error);
}
