using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

using Microsoft.AspNetCore.Http;

namespace ToolRuntime.Gateway.Telemetry;

/// <summary>
/// <c>/metrics</c>: every instrument of the product's meters (<c>ToolRuntime.*</c>) as Prometheus text. Label sets are fixed by who
/// records, and bounded here all the same.
/// </summary>
public sealed class MetricsEndpoint : IDisposable
{
    private const int MaximumSeries = 2000;
    private static readonly double[] s_defaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), MetricSeries> _series = new();

    private readonly ConcurrentDictionary<(string Name, string? Value), string> _singles = new();

    /// <summary>Begins to listen.</summary>
    public MetricsEndpoint()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("ToolRuntime.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Record(instrument, value, labels));
        _listener.SetMeasurementEventCallback<int>((instrument, value, labels, _) => Record(instrument, value, labels));
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Record(instrument, value, labels));
        _listener.Start();
    }

    /// <summary>Serves <c>/metrics</c>.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var group in _series.GroupBy(s => s.Key.Instrument).OrderBy(g => g.Key.Name, StringComparer.Ordinal))
        {
            var name = group.Key.Name.Replace('.', '_');
            text.Append("# HELP ").Append(name).Append(' ').Append(group.Key.Description ?? name).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(MetricSeries.TypeOf(group.Key)).Append('\n');
            foreach (var ((_, labels), series) in group.OrderBy(s => s.Key.Labels, StringComparer.Ordinal))
            {
                series.Write(text, name, labels);
            }
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.WriteAsync(text.ToString(), context.RequestAborted);
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (labels.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            var shown = Convert.ToString(value, CultureInfo.InvariantCulture)?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(text.Length == 0 ? "" : ",").Append(name.Replace('.', '_')).Append("=\"").Append(shown).Append('"');
        }

        return text.ToString();
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var key = (instrument, labels.Length == 1 ? SingleLabel(labels[0]) : Labels(labels));
        if (!_series.TryGetValue(key, out var series))
        {
            if (_series.Count >= MaximumSeries)
            {
                return;
            }

            var bounds = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray() ?? s_defaultBounds;
            series = _series.GetOrAdd(key, k => new MetricSeries(k.Instrument, bounds));
        }

        series.Record(value);
    }

    private string SingleLabel(KeyValuePair<string, object?> label) =>
        _singles.TryGetValue((label.Key, label.Value as string), out var text) ? text
            : label.Value is string value && _singles.Count < MaximumSeries ? _singles.GetOrAdd((label.Key, value), _ => Labels([label])) : Labels([label]);
}
