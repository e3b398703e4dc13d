using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Bus.State;

/// <summary>Stores records, each in a message of its own, or those of a tenant together, a line each, so that rights by subject hold.</summary>
internal sealed class AuditWriter(NatsJSContext js, TimeProvider time)
{
    private const int MostBytes = 256 * 1024;

    /// <summary>One piece on the wire, with an acknowledgement for each: of messages that one connection brings in order the stream may still refuse any, and a new leader lacks those on their way.</summary>
    public Task StoreApartAsync(List<AuditEntry> entries, CancellationToken cancellationToken) =>
        Task.WhenAll(entries.Select((entry, i) => StoreAsync([entry], i == entries.Count - 1 ? NatsFlush.Now : NatsFlush.Later, cancellationToken)));

    /// <summary>As few messages as tenants and sizes allow.</summary>
    public Task StoreTogetherAsync(List<AuditEntry> entries, CancellationToken cancellationToken) =>
        Task.WhenAll(Groups(entries).Select(group => StoreAsync(group, NatsFlush.Now, cancellationToken)));

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

    private async Task StoreAsync(List<AuditEntry> group, NatsFlush flush, CancellationToken cancellationToken)
    {
        try
        {
            var options = new NatsJSPubOpts { MsgId = group[0].Invocation, Flush = flush, AnswersInline = true };
            await js.PublishUntilStoredAsync(group[0].Subject, Lines(group), options, default, time, cancellationToken);
        }
        catch (NatsJSApiException) when (group.Count > 1)
        {
            // One of them may be what the stream refuses: each for itself.
            await StoreApartAsync(group, cancellationToken);
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
        if (group.Count == 1)
        {
            return group[0].Json;
        }

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
