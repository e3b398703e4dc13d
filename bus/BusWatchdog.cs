using System.Diagnostics.Metrics;

using Microsoft.Extensions.Logging;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus;

/// <summary>
/// Stores a canary every few seconds: nats-server 2.9.10 deadlocks on a full disk without a word, its own health stays ok, and only a store that does
/// not end tells. Where the server is this process's child, the space on its disk is watched too, so that this is known before it happens.
/// </summary>
internal sealed partial class BusWatchdog : IAsyncDisposable
{
    private const string Stream = "CANARY";
    private static readonly Meter s_meter = new("ToolRuntime.Bus");
    private static readonly UpDownCounter<int> s_unhealthy = s_meter.CreateUpDownCounter<int>("toolrt_bus_unhealthy", description: "1 while the message server does not store, or its disk is nearly full.");
    private static readonly Histogram<double> s_stored = s_meter.CreateHistogram<double>("toolrt_bus_canary_seconds", description: "Time until a canary was stored.");
    private readonly NatsJSContext _js;
    private readonly BusOptions _options;
    private readonly string _subject;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private readonly byte[] _canary;
    private readonly Task _watching;

    public BusWatchdog(NatsJSContext js, BusOptions options, ILogger logger, TimeProvider time)
    {
        (_js, _options, _logger, _time) = (js, options, logger, time);
        _subject = $"canary.{Functions.Ids.New()}";
        _canary = new byte[options.CanaryBytes];
        _watching = Task.Run(() => WatchAsync(_ending.Token));
    }

    /// <summary>What was found last.</summary>
    public BusHealth Health { get; private set; } = new(null, TimeSpan.Zero);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        _ending.Dispose();
    }

    internal static StreamConfig StreamOf(int replicas) => new()
    {
        Name = Stream,
        Subjects = ["canary.>"],
        MaxBytes = 4 << 20,
        MaxAge = TimeSpan.FromMinutes(5).Ticks * 100,
        MaxMsgsPerSubject = 1,
        NumReplicas = replicas,
    };

    /// <summary>Why a disk is nearly full, or null.</summary>
    internal static string? Crowded(long free, long headroom) => free >= headroom
        ? null
        : $"the message server's disk has {free >> 20} MiB left, less than {headroom >> 20} MiB: free some, or the server stops storing (toolruntime.bus.diskHeadroomBytes)";

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_options.CanaryInterval, _time);
        try
        {
            do
            {
                Tell(await LookAsync(cancellationToken));
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            Tell(new BusHealth(null, TimeSpan.Zero));
        }
    }

    private async ValueTask<BusHealth> LookAsync(CancellationToken cancellationToken)
    {
        if (_options.StoreFolder is { } folder && Crowded(new DriveInfo(folder).AvailableFreeSpace, _options.DiskHeadroomBytes) is { } crowded)
        {
            return new BusHealth(crowded, TimeSpan.Zero);
        }

        var began = _time.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_options.CanaryDeadline);
        try
        {
            await _js.PublishAsync(_subject, _canary, default, default, deadline.Token);
            var took = _time.GetElapsedTime(began);
            s_stored.Record(took.TotalSeconds);
            return new BusHealth(null, took);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested && error is NatsException or OperationCanceledException or NatsJSApiException)
        {
            var why = error is OperationCanceledException ? $"it did not store a canary within {_options.CanaryDeadline.TotalSeconds:0.#} s (is its disk full?)" : error.Message;
            return new BusHealth($"the message server does not store: {why}", _time.GetElapsedTime(began));
        }
    }

    private void Tell(BusHealth next)
    {
        var (was, isNow) = (Health.Problem is not null, next.Problem is not null);
        Health = next;
        if (was != isNow)
        {
            s_unhealthy.Add(isNow ? 1 : -1);
            if (isNow)
            {
                LogUnwell(_logger, next.Problem!);
            }
            else if (!_ending.IsCancellationRequested)
            {
                LogWell(_logger);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Problem}")]
    private static partial void LogUnwell(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the message server stores again")]
    private static partial void LogWell(ILogger logger);
}
