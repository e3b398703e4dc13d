using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.Logs;

/// <summary>Reads one function's lines: the newest that stand, then live ones. A reader that is too slow, or lost its connection, reads the store again from where it was.</summary>
internal sealed class LogReader(NatsJSContext js, string subject, TimeProvider time)
{
    private const int Bound = 1024;
    private ulong _last;

    /// <summary>The lines.</summary>
    public async IAsyncEnumerable<LogLine> ReadAsync(int tail, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var live = Channel.CreateBounded<NatsMsg>(new BoundedChannelOptions(Bound) { SingleReader = true });
        using var sub = follow ? js.Connection.Subscribe($"live.{subject}", null, message => live.Writer.TryWrite(message)) : null;
        foreach (var message in await TailAsync(tail, cancellationToken))
        {
            yield return LineOf(message);
        }

        while (follow)
        {
            var message = await live.Reader.ReadAsync(cancellationToken);
            message.Headers.TryGetNumber("Nats-Sequence"u8, out var sequence);
            message.Headers.TryGetNumber("Nats-Last-Sequence"u8, out var previous);
            if (sequence <= _last)
            {
                continue;
            }

            foreach (var missed in previous > _last && _last > 0 ? await AfterAsync(_last, sequence, cancellationToken) : [])
            {
                yield return LineOf(missed);
            }

            _last = sequence;
            yield return LineOf(message);
        }
    }

    private static LogLine LineOf(NatsMsg message) =>
        JsonSerializer.Deserialize(message.Data.Span, LogsJson.Default.LogLine) ?? throw new InvalidDataException("a stored log line is null");

    /// <summary>The newest lines, read forwards from a consumer that starts where they begin.</summary>
    private async ValueTask<IReadOnlyList<NatsMsg>> TailAsync(int tail, CancellationToken cancellationToken)
    {
        if (tail <= 0 || await js.GetLastAsync(FunctionLogs.Stream, subject, cancellationToken) is not { } last)
        {
            return [];
        }

        last.Headers.TryGetNumber("Nats-Sequence"u8, out _last);
        var all = await AfterAsync(0, _last + 1, cancellationToken);
        return all.Count <= tail ? all : [.. all.TakeLast(tail)];
    }

    /// <summary>Stored messages between two sequences, both excluded.</summary>
    private async ValueTask<IReadOnlyList<NatsMsg>> AfterAsync(ulong after, ulong before, CancellationToken cancellationToken)
    {
        var found = new List<NatsMsg>();
        var consumer = new NatsJSOrderedReader(js, FunctionLogs.Stream, subject, time);
        await foreach (var (message, sequence) in consumer.ReadStoredAsync(after + 1, cancellationToken))
        {
            if (sequence >= before)
            {
                break;
            }

            found.Add(message);
        }

        return found;
    }
}
