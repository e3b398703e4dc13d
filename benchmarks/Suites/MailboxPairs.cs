using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Peers;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>1,000 agents in pairs that exchange 4 KB messages over HTTP: by mailboxes, and by asking every 100 ms.</summary>
internal static class MailboxPairs
{
    private const int Pairs = 500;
    private const int Turns = 4;
    private const double Bar = 10;
    private const double Target = 2;

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        var port = Instance.FreePort();
        await using var peer = await PollingMailbox.StartAsync(port);
        using var ours = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 4 * Pairs }) { BaseAddress = new Uri($"http://127.0.0.1:{instance.Port}/v1/mailboxes/") };
        using var theirs = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 4 * Pairs }) { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        var (mailbox, polling, alone) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Run.Rounds; round++)
        {
            mailbox.AddRange(await ExchangeAsync(Pairs, $"r{round}", (from, to, body) => MailboxTurnAsync(ours, from, to, body)));
            polling.AddRange(await ExchangeAsync(Pairs, $"r{round}", (from, to, body) => PollingTurnAsync(theirs, from, to, body)));
            alone.AddRange(await ExchangeAsync(1, $"a{round}", (from, to, body) => MailboxTurnAsync(ours, from, to, body)));
        }

        var (fast, slow, one) = (Percentiles.Median(mailbox), Percentiles.Median(polling), Percentiles.Median(alone));
        run.Add(new Figure("4 KB message and answer, 500 pairs at once, p50", $"{fast:0.0} ms", $"polling every 100 ms {slow:0.0} ms", slow / fast, $"≥ {Bar}", slow / fast >= Bar));
        run.Add(new Figure("the same, one pair, p50", $"{one:0.00} ms", $"polling every 100 ms {slow:0.0} ms", slow / one, $"≤ {Target} ms", one <= Target));
    }

    /// <summary>Each pair takes turns: a message to the other, who answers it; milliseconds of each turn there and back.</summary>
    private static async Task<double[]> ExchangeAsync(int pairs, string prefix, Func<string, string, string, Task<string>> turn)
    {
        var body = new string('x', 4096);
        var times = await Task.WhenAll(Enumerable.Range(0, pairs).Select(async pair =>
        {
            var mine = new List<double>();
            for (var number = 0; number < Turns; number++)
            {
                var began = Stopwatch.GetTimestamp();
                if (await turn($"{prefix}a{pair}", $"{prefix}b{pair}", $"{number}{body}") != $"{number}{body}")
                {
                    throw new InvalidDataException("another message came than was sent");
                }

                mine.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            return mine;
        }));
        return [.. times.SelectMany(t => t)];
    }

    private static async Task<string> MailboxTurnAsync(HttpClient client, string from, string to, string body)
    {
        var answering = Task.Run(async () =>
        {
            var message = (await ReceiveAsync(client, to)).GetProperty("messages")[0];
            await SendAsync(client, from, message.GetProperty("body").GetString()!);
        });
        var waiting = ReceiveAsync(client, from);
        await SendAsync(client, to, body);
        await answering;
        return (await waiting).GetProperty("messages")[0].GetProperty("body").GetString()!;
    }

    private static async Task<JsonElement> ReceiveAsync(HttpClient client, string name)
    {
        var received = await JsonAsync(await client.GetAsync($"{name}/messages?wait=60"));
        await PostAsync(client, $"{name}/ack", new { ids = new[] { received.GetProperty("messages")[0].GetProperty("id").GetString() } });
        return received;
    }

    private static Task<JsonElement> SendAsync(HttpClient client, string name, string body) => PostAsync(client, $"{name}/messages", new { body });

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body) =>
        await JsonAsync(await client.PostAsync(path, new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json")));

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            return answer.IsSuccessStatusCode ? JsonElement.Parse(text) : throw new InvalidDataException(text);
        }
    }

    private static async Task<string> PollingTurnAsync(HttpClient client, string from, string to, string body)
    {
        var answering = Task.Run(async () => await client.PostAsync(from, new StringContent(await PollAsync(client, to))));
        await client.PostAsync(to, new StringContent(body));
        await answering;
        return await PollAsync(client, from);
    }

    private static async Task<string> PollAsync(HttpClient client, string name)
    {
        while (true)
        {
            using var answer = await client.GetAsync(name);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return await answer.Content.ReadAsStringAsync();
            }

            await Task.Delay(PollingMailbox.Every);
        }
    }
}
