using System.Diagnostics.Metrics;

using ToolRuntime.Functions;

namespace ToolRuntime.Gateway.Telemetry;

/// <summary>The gateway's instruments. Labels come from fixed sets only: outcomes, never names of tools or tenants.</summary>
public static class GatewayMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ToolRuntime.Gateway";

    private static readonly Meter s_meter = new(MeterName);
    private static readonly UpDownCounter<long> s_inFlight = s_meter.CreateUpDownCounter<long>("toolrt_calls_in_flight", description: "Calls accepted and not yet answered.");
    private static readonly Counter<long> s_calls = s_meter.CreateCounter<long>("toolrt_calls_total", description: "Calls answered, by outcome.");

    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram(
        "toolrt_call_duration_seconds",
        description: "Time from acceptance to the answer.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] });

    private static readonly KeyValuePair<string, object?> s_completed = new("outcome", "Completed");
    private static readonly KeyValuePair<string, object?>[] s_faults = [.. Enum.GetValues<FaultCode>().Select(c => new KeyValuePair<string, object?>("outcome", c.ToString()))];

    /// <summary>A call began.</summary>
    public static void Began() => s_inFlight.Add(1);

    /// <summary>A call was refused before it began.</summary>
    public static void Refused(FaultCode fault) => s_calls.Add(1, s_faults[(int)fault]);

    /// <summary>A call was answered.</summary>
    public static void Ended(FaultCode? fault, TimeSpan duration)
    {
        var outcome = fault is { } code ? s_faults[(int)code] : s_completed;
        s_inFlight.Add(-1);
        s_calls.Add(1, outcome);
        s_duration.Record(duration.TotalSeconds, outcome);
    }
}
