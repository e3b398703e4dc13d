using System.Collections.Concurrent;

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Functions;
using ToolRuntime.Gateway.Catalog;

namespace ToolRuntime.Gateway.Admin;

/// <summary>
/// Looks for changes of the documents that APIs were registered by. One that cannot be had now leaves what serves as it is, and is asked for
/// again at its next turn. Two gateways that look at once make the same version.
/// </summary>
public sealed partial class ApiRefresher(ToolCatalog catalog, ApiRegistrar registrar, TimeProvider time, ILogger<ApiRefresher> log) : BackgroundService
{
    private const int AtOnce = 4;
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<(string Tenant, string Name), long> _looked = new();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(s_round, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var due = catalog.All.SelectMany(t => t.Value.Functions.Values).Where(IsDue).ToList();
                await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken }, async (version, token) => await LookAsync(version, token));
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    private bool IsDue(FunctionVersion version)
    {
        if (version.Manifest.Api is not { Source: not null, RefreshSeconds: > 0 and var seconds })
        {
            return false;
        }

        // Just registered or just started: what serves is what was there a moment ago.
        var since = _looked.GetOrAdd((version.Tenant, version.Manifest.Name), static (_, clock) => clock.GetTimestamp(), time);
        return time.GetElapsedTime(since) >= TimeSpan.FromSeconds(seconds);
    }

    private async ValueTask LookAsync(FunctionVersion version, CancellationToken cancellationToken)
    {
        var name = version.Manifest.Name;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var timer = time.CreateTimer(static s => ((CancellationTokenSource)s!).Cancel(), patience, s_patience, Timeout.InfiniteTimeSpan);
        try
        {
            if ((await registrar.RefreshAsync(version.Tenant, name, patience.Token)).Changed)
            {
                Changed(log, version.Tenant, name);
            }
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // The rim of the look: one API whose document cannot be had now keeps no other from being looked at.
            NotHad(log, version.Tenant, name, error.Message);
        }

        _looked[(version.Tenant, name)] = time.GetTimestamp();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The document of API {Tenant}/{Name} has changed; its new version serves")]
    private static partial void Changed(ILogger log, string tenant, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The document of API {Tenant}/{Name} cannot be had now; what was read before serves on: {Why}")]
    private static partial void NotHad(ILogger log, string tenant, string name, string why);
}
