using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using ToolRuntime.Bus;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;

namespace ToolRuntime.Gateway.Catalog;

/// <summary>
/// Keeps the tools of all tenants in step with the catalog on the bus. An API is read beside the watch, so that a large document delays
/// nothing else; what the name stood for serves until it is read.
/// </summary>
public sealed partial class CatalogWatch(MessageBus bus, ToolCatalog catalog, ServedApis apis, TimeProvider time, ILogger<CatalogWatch> log) : BackgroundService
{
    /// <summary>Versions that are fetched ahead while what stands is read.</summary>
    private const int Window = 128;

    private static readonly Task<FunctionVersion?> s_none = Task.FromResult<FunctionVersion?>(null);
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromSeconds(1);
    private readonly Dictionary<(string Tenant, string Name), string?> _wanted = [];
    private readonly HashSet<Task> _reading = [];
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // The rim of the loop: whatever went wrong, the catalog must keep following.
                WatchFailed(log, error);
                await Task.Delay(s_retryDelay, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Applies changes in their order; the versions that they name are fetched ahead as long as more is known to come.</summary>
    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var ahead = new Queue<(CatalogChange Change, Task<FunctionVersion?> Version)>();
        var most = Window;
        await foreach (var change in bus.Catalog.WatchAsync(cancellationToken))
        {
            ahead.Enqueue((change, DigestOf(change) is { } digest && change.Version is null ? bus.Catalog.GetVersionAsync(change.Tenant, digest, cancellationToken).AsTask() : s_none));
            most = change.IsCurrent ? 0 : most;
            while (ahead.Count > most)
            {
                var next = ahead.Dequeue();
                await ApplyAsync(next.Change, next.Change.Version ?? await next.Version, cancellationToken);
            }
        }
    }

    private static string? DigestOf(CatalogChange change) => change.Record is { Active.Count: > 0 } record ? record.Active[0].Digest : null;

    private async ValueTask ApplyAsync(CatalogChange change, FunctionVersion? version, CancellationToken cancellationToken)
    {
        if (change.IsCurrent)
        {
            await Reading();
            catalog.SetCurrent();
            return;
        }

        var digest = DigestOf(change);
        if (digest is not null && version is null)
        {
            VersionMissing(log, change.Tenant, change.Name, digest);
            return;
        }

        lock (_gate)
        {
            _wanted[(change.Tenant, change.Name)] = digest;
            if (version is not { Manifest.Language: FunctionLanguage.Api })
            {
                catalog.Set(change.Tenant, change.Name, version);
                return;
            }

            var reading = ReadAsync(version, cancellationToken);
            _reading.Add(reading);
            _ = reading.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private Task Reading()
    {
        lock (_gate)
        {
            return Task.WhenAll(_reading);
        }
    }

    private void Forget(Task reading)
    {
        lock (_gate)
        {
            _reading.Remove(reading);
        }
    }

    private async Task ReadAsync(FunctionVersion version, CancellationToken cancellationToken)
    {
        await Task.Yield();
        try
        {
            var source = await apis.GetAsync(version, cancellationToken);
            lock (_gate)
            {
                // Another version may have come while this one was read.
                if (_wanted.GetValueOrDefault((version.Tenant, version.Manifest.Name)) == version.Digest)
                {
                    catalog.Set(source);
                }
            }
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // The rim of the reading: one API that cannot be read leaves all others as they are.
            ApiUnreadable(log, version.Tenant, version.Manifest.Name, version.Digest, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The catalog's watch failed; it is opened again")]
    private static partial void WatchFailed(ILogger log, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Function {Tenant}/{Function} names version {Digest}, which is not stored; its tools stay as they were")]
    private static partial void VersionMissing(ILogger log, string tenant, string function, string digest);

    [LoggerMessage(Level = LogLevel.Error, Message = "The API {Tenant}/{Name} version {Digest} cannot be read; its tools stay as they were")]
    private static partial void ApiUnreadable(ILogger log, string tenant, string name, string digest, Exception error);
}
