using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace ToolRuntime.Gateway.Telemetry;

/// <summary>The present value of one instrument under one set of labels.</summary>
internal sealed class MetricSeries
{
    private readonly Lock _lock = new();
    private readonly double[] _bounds;
    private readonly long[] _counts;
    private readonly string _type;
    private readonly bool _replaces;
    private double _sum;
    private long _count;

    public MetricSeries(Instrument instrument, double[] bounds)
    {
        _bounds = bounds;
        _counts = new long[bounds.Length + 1];
        _type = TypeOf(instrument);
        _replaces = instrument.IsObservable || _type == "gauge" && !instrument.GetType().Name.StartsWith("UpDown", StringComparison.Ordinal);
    }

    public static string TypeOf(Instrument instrument)
    {
        var name = instrument.GetType().Name;
        return name.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : name.Contains("UpDown", StringComparison.Ordinal) || name.Contains("Gauge", StringComparison.Ordinal) ? "gauge"
            : "counter";
    }

    public void Record(double value)
    {
        lock (_lock)
        {
            _count++;
            _sum = _replaces ? value : _sum + value;
            if (_type == "histogram")
            {
                var index = Array.BinarySearch(_bounds, value);
                _counts[index < 0 ? ~index : index]++;
            }
        }
    }

    public void Write(StringBuilder text, string name, string labels)
    {
        lock (_lock)
        {
            if (_type == "histogram")
            {
                WriteHistogram(text, name, labels);
                return;
            }

            Line(text, name, labels, _sum);
        }
    }

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    private void WriteHistogram(StringBuilder text, string name, string labels)
    {
        var prefix = labels.Length == 0 ? "" : labels + ",";
        long total = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            total += _counts[i];
            var bound = i < _bounds.Length ? _bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
            Line(text, name + "_bucket", $"{prefix}le=\"{bound}\"", total);
        }

        Line(text, name + "_sum", labels, _sum);
        Line(text, name + "_count", labels, _count);
    }
}
