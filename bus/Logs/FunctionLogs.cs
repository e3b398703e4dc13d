using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Sessions;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus.Logs;

/// <summary>What functions print: stream LOGS, subjects <c>log.{tenant}.{function}</c>, bounded per function and in all; the oldest go first.</summary>
public sealed class FunctionLogs : IAsyncDisposable
{
    internal const string Stream = "LOGS";
    private const int Bound = 4096;
    private const int Window = 256;
    private const int LinesPerFunction = 10_000;
    private const int LongestText = 16 * 1024;
    private readonly NatsJSContext _js;
    private readonly int _partitions;
    private readonly TimeProvider _time;
    private readonly Channel<(string Subject, LogLine Line, bool IsEvent)> _lines = Channel.CreateBounded<(string, LogLine, bool)>(new BoundedChannelOptions(Bound) { SingleReader = true });
    private readonly Task _writing;
    private long _dropped;

    internal FunctionLogs(NatsJSContext js, int partitions, TimeProvider time)
    {
        _js = js;
        _partitions = partitions;
        _time = time;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Hands over a line; never blocks. When the buffer is full the line is dropped and counted, and a line says so.</summary>
    public void Append(string tenant, string function, LogLine line) => Append(SubjectOf(tenant, function), line, isEvent: false);

    /// <summary>The same onto the topic of a session, for whoever follows it.</summary>
    public void AppendToSession(string tenant, string session, LogLine line) =>
        Append(TopicPlace.Of(new TopicKey(tenant, session, TopicPlace.Notes, SessionIsExplicit: true), _partitions).Subject, line, isEvent: true);

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

    private void Append(string subject, LogLine line, bool isEvent)
    {
        var text = line.Text.Length > LongestText ? line with { Text = line.Text[..LongestText] } : line;
        if (!_lines.Writer.TryWrite((subject, text, isEvent)))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Publishes with a window of acknowledgements in flight, so that a chatty function neither waits per line nor floods the server.</summary>
    private async Task WriteAsync()
    {
        var inFlight = new Queue<Task>(Window);
        await foreach (var (subject, line, isEvent) in _lines.Reader.ReadAllAsync())
        {
            if (inFlight.Count == Window)
            {
                await inFlight.Dequeue();
            }

            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
            {
                inFlight.Enqueue(StoreAsync(subject, new LogLine(line.At, "", "log", "warning", $"{dropped} lines were dropped: they came faster than they could be stored"), isEvent));
            }

            inFlight.Enqueue(StoreAsync(subject, line, isEvent));
        }

        await Task.WhenAll(inFlight);
    }

    private async Task StoreAsync(string subject, LogLine line, bool isEvent)
    {
        try
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(line, LogsJson.Default.LogLine);
            await _js.PublishAsync(subject, isEvent ? EventCodec.Encode(new InvocationEvent(EventKind.Log, json)) : json, default, default, CancellationToken.None);
        }
        catch (NatsException)
        {
            Interlocked.Increment(ref _dropped);
        }
    }
}
