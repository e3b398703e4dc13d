using System.Text;
using System.Text.Json;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;

namespace ToolRuntime.Tests.EndToEnd.Faults;

/// <summary>The stream AUDIT of an instance, read as an operator would.</summary>
internal sealed class AuditRecord(NatsConnection connection) : IAsyncDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    public static async Task<AuditRecord> OpenAsync(Part server)
    {
        var opts = new NatsOpts
        {
            Servers = [server.Nats],
            AuthOpts = new NatsAuthOpts { Username = new Uri(server.Nats).UserInfo, Password = (await File.ReadAllTextAsync(server.NatsPasswordFile)).Trim() },
        };
        var connection = new NatsConnection(opts, NullLogger.Instance, TimeProvider.System);
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        await connection.ConnectAsync(deadline.Token);
        return new AuditRecord(connection);
    }

    /// <summary>
    /// The numbers among <paramref name="answered"/> that have no pair. Looks again while it shrinks or calls are unsettled, at most two minutes: the
    /// pair of a queued call is stored right after its answer, and a call whose settling a fault broke is settled by its next delivery.
    /// </summary>
    public async Task<IReadOnlyList<int>> MissingPairsAsync(ICollection<int> answered)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var recorded = await ReadAsync();
            var missing = answered.Where(n => !recorded.Contains(n)).Order().ToList();
            if (missing.Count == 0 || deadline.IsCancellationRequested)
            {
                return missing;
            }

            await Task.Delay(s_look, TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>Numbers of calls whose beginning and end stand in the record.</summary>
    private async Task<HashSet<int>> ReadAsync()
    {
        var numbers = new HashSet<int>();
        var reader = new NatsJSOrderedReader(new NatsJSContext(connection), "AUDIT", "audit.>", TimeProvider.System);
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        await foreach (var (message, _) in reader.ReadStoredAsync(1, deadline.Token))
        {
            foreach (var line in Encoding.UTF8.GetString(message.Data.Span).Split('\n'))
            {
                using var pair = JsonDocument.Parse(line);
                if (pair.RootElement.TryGetProperty("completed", out _) && Number(pair.RootElement.GetProperty("accepted")) is { } number)
                {
                    numbers.Add(number);
                }
            }
        }

        return numbers;
    }

    private static int? Number(JsonElement accepted)
    {
        if (!accepted.TryGetProperty("arguments", out var encoded))
        {
            return null;
        }

        using var arguments = JsonDocument.Parse(encoded.GetBytesFromBase64());
        return arguments.RootElement.TryGetProperty("n", out var n) ? int.Parse(n.ToString(), System.Globalization.CultureInfo.InvariantCulture) : null;
    }
}
