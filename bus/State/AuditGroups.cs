using System.Threading.Channels;

using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.State;

/// <summary>
/// Records that stand together, a line each in one message of a tenant, so that rights by subject hold. No timer: what comes while a message is being
/// stored, and while the pool's threads have other work, gathers for the next one; a lone record waits for nobody.
/// </summary>
internal sealed class AuditGroups : IAsyncDisposable
{
    private const int Bound = 8192;
    private const int MostRecords = 512;
    private const int MostBytes = 256 * 1024;
    private readonly NatsJSContext _js;
    private readonly TimeProvider _time;
    private readonly Channel<AuditEntry> _entries = Channel.CreateBounded<AuditEntry>(new BoundedChannelOptions(Bound) { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _writing;

    public AuditGroups(NatsJSContext js, TimeProvider time)
    {
        (_js, _time) = (js, time);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Takes a record; when the buffer is full, it waits.</summary>
    public ValueTask AddAsync(AuditEntry entry, CancellationToken cancellationToken) => _entries.Writer.WriteAsync(entry, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        _ending.CancelAfter(TimeSpan.FromSeconds(2));
        await _writing;
        _ending.Dispose();
    }

    private async Task WriteAsync()
    {
        while (await _entries.Reader.WaitToReadAsync(CancellationToken.None))
        {
            // Behind the work that is waiting now: where there is none, at once.
            await Task.Yield();
            var gathered = new List<AuditEntry>();
            while (gathered.Count < MostRecords && _entries.Reader.TryRead(out var entry))
            {
                gathered.Add(entry);
            }

            await Task.WhenAll(Groups(gathered).Select(StoreAsync));
        }
    }

    private static IEnumerable<List<AuditEntry>> Groups(List<AuditEntry> gathered)
    {
        var open = new Dictionary<string, (List<AuditEntry> Group, int Bytes)>(StringComparer.Ordinal);
        foreach (var entry in gathered)
        {
            var tenant = entry.Subject[..entry.Subject.LastIndexOf('.')];
            var (group, bytes) = open.GetValueOrDefault(tenant, ([], 0));
            if (bytes + entry.Json.Length > MostBytes && group.Count > 0)
            {
                yield return group;
                (group, bytes) = ([], 0);
            }

            group.Add(entry);
            open[tenant] = (group, bytes + entry.Json.Length + 1);
        }

        foreach (var (group, _) in open.Values)
        {
            yield return group;
        }
    }

    private async Task StoreAsync(List<AuditEntry> group)
    {
        try
        {
            var options = new NatsJSPubOpts { MsgId = group[0].Invocation, AnswersInline = true };
            await _js.PublishUntilStoredAsync(group[0].Subject, Lines(group), options, default, _time, _ending.Token);
        }
        catch (NatsJSApiException) when (group.Count > 1)
        {
            // One of them may be what the stream refuses: each for itself.
            await Task.WhenAll(group.Select(e => StoreAsync([e])));
            return;
        }
        catch (Exception error)
        {
            // The rim of one message: the calls that wait for it learn of the failure.
            group.ForEach(e => e.Stored.TrySetException(error));
            return;
        }

        group.ForEach(e => e.Stored.TrySetResult());
    }

    private static byte[] Lines(List<AuditEntry> group)
    {
        var lines = new byte[group.Sum(e => e.Json.Length) + group.Count - 1];
        var at = 0;
        foreach (var entry in group)
        {
            entry.Json.CopyTo(lines, at);
            at += entry.Json.Length;
            if (at < lines.Length)
            {
                lines[at++] = (byte)'\n';
            }
        }

        return lines;
    }
}
