using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.State;

/// <summary>What functions print: stream LOGS, subjects <c>log.{tenant}.{function}</c>, bounded per function and in all; the oldest go first.</summary>
public sealed class FunctionLogs : IAsyncDisposable
{
    internal const string Stream = "LOGS";
    private const int Bound = 4096;
    private const int Window = 256;
    private const int LinesPerFunction = 10_000;
    private const int LongestText = 16 * 1024;
    private readonly NatsJSContext _js;
    private readonly TimeProvider _time;
    private readonly Channel<(string Subject, LogLine Line)> _lines = Channel.CreateBounded<(string, LogLine)>(new BoundedChannelOptions(Bound) { SingleReader = true });
    private readonly Task _writing;
    private long _dropped;

    internal FunctionLogs(NatsJSContext js, TimeProvider time)
    {
        _js = js;
        _time = time;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Hands over a line; never blocks. When the buffer is full the line is dropped and counted, and a line says so.</summary>
    public void Append(string tenant, string function, LogLine line)
    {
        var text = line.Text.Length > LongestText ? line with { Text = line.Text[..LongestText] } : line;
        if (!_lines.Writer.TryWrite((SubjectOf(tenant, function), text)))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>The last <paramref name="tail"/> lines, and with <paramref name="follow"/> what comes.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync(string tenant, string function, int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = new LogReader(_js, SubjectOf(tenant, function), _time);
        await foreach (var line in reader.ReadAsync(tail, follow, cancellationToken))
        {
            yield return line;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _lines.Writer.TryComplete();
        await _writing;
    }

    internal static string SubjectOf(string tenant, string function) => $"log.{NatsSubject.Token(tenant)}.{NatsSubject.Token(function)}";

    internal static StreamConfig StreamOf(long maxBytes, int replicas) => new()
    {
        Name = Stream,
        Subjects = ["log.>"],
        MaxBytes = maxBytes,
        MaxMsgsPerSubject = LinesPerFunction,
        AllowDirect = true,
        Republish = new Republish("log.>", "live.log.>"),
        NumReplicas = replicas,
    };

    /// <summary>Publishes with a window of acknowledgements in flight, so that a chatty function neither waits per line nor floods the server.</summary>
    private async Task WriteAsync()
    {
        var inFlight = new Queue<Task>(Window);
        await foreach (var (subject, line) in _lines.Reader.ReadAllAsync())
        {
            if (inFlight.Count == Window)
            {
                await inFlight.Dequeue();
            }

            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
            {
                inFlight.Enqueue(StoreAsync(subject, new LogLine(line.At, "", "log", "warning", $"{dropped} lines were dropped: they came faster than they could be stored")));
            }

            inFlight.Enqueue(StoreAsync(subject, line));
        }

        await Task.WhenAll(inFlight);
    }

    private async Task StoreAsync(string subject, LogLine line)
    {
        try
        {
            await _js.PublishAsync(subject, JsonSerializer.SerializeToUtf8Bytes(line, LogsJson.Default.LogLine), default, default, CancellationToken.None);
        }
        catch (NatsException)
        {
            Interlocked.Increment(ref _dropped);
        }
    }
}
