using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;

using ToolRuntime.Benchmarks.Figures;
using ToolRuntime.Benchmarks.Instances;
using ToolRuntime.Benchmarks.Load;
using ToolRuntime.Benchmarks.Peers;
using ToolRuntime.Bus.Mailboxes;

namespace ToolRuntime.Benchmarks.Suites;

/// <summary>1,000 agents in pairs that exchange 4 KB messages: by mailboxes, as functions of two runtimes do, and by asking a server every 100 ms over HTTP.</summary>
internal static class MailboxPairs
{
    private const int Pairs = 500;
    private const int Turns = 5;
    private const double Bar = 10;
    private const double Target = 2;
    private static readonly TimeSpan s_pace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_wait = TimeSpan.FromMinutes(1);

    public static async Task MeasureAsync(Run run)
    {
        await using var instance = await Instance.StartAsync();
        var port = Instance.FreePort();
        await using var peer = await PollingMailbox.StartAsync(port);
        await using var one = await DurableStreams.ConnectAsync(instance);
        await using var other = await DurableStreams.ConnectAsync(instance);
        using var ours = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{instance.Port}/v1/mailboxes/") };
        using var theirs = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 4 * Pairs }) { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        var (mailbox, polling, alone) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Run.Rounds; round++)
        {
            mailbox.AddRange(await ExchangeAsync(Pairs, $"r{round}", (from, to, body) => TurnAsync(one.Mailboxes, other.Mailboxes, (from, to), body)));
            polling.AddRange(await ExchangeAsync(Pairs, $"r{round}", (from, to, body) => PollingTurnAsync(theirs, from, to, body)));
            alone.AddRange(await ExchangeAsync(1, $"a{round}", (from, to, body) => MailboxTurnAsync(ours, from, to, body)));
        }

        var (fast, slow) = (Percentiles.Of(mailbox), Percentiles.Of(polling));
        run.Add(new Figure($"4 KB message and answer, {Pairs} pairs, each every {s_pace.TotalSeconds:0} s: p50", $"{fast.P50:0.00} ms (p99 {fast.P99:0.0})", "", null, $"≤ {Target} ms", fast.P50 <= Target));
        run.Add(new Figure("the same", $"{fast.P50:0.00} ms", $"polling every 100 ms {slow.P50:0.0} ms", slow.P50 / fast.P50, $"≥ {Bar}", slow.P50 / fast.P50 >= Bar));
        run.Add(new Figure("the same over HTTP, one pair, p50", $"{Percentiles.Median(alone):0.00} ms", $"polling every 100 ms {slow.P50:0.0} ms", slow.P50 / Percentiles.Median(alone), "for the reader", null));
    }

    /// <summary>Each pair takes turns: a message to the other, who answers it; milliseconds of each turn there and back.</summary>
    private static async Task<double[]> ExchangeAsync(int pairs, string prefix, Func<string, string, string, Task<string>> turn)
    {
        var body = new string('x', 4096);
        var begin = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(Enumerable.Range(0, pairs).Select(async pair =>
        {
            var mine = new List<double>();
            for (var number = 0; number < Turns; number++)
            {
                // Spread evenly, as agents that know nothing of each other.
                var early = (s_pace * (number + ((double)pair / pairs))) - Stopwatch.GetElapsedTime(begin);
                await Task.Delay(early > TimeSpan.Zero ? early : TimeSpan.Zero);
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

    private static async Task<string> TurnAsync(Mailboxes one, Mailboxes other, (string From, string To) pair, string body)
    {
        var answering = Task.Run(async () =>
        {
            var asked = await ReceiveAsync(other, pair.To);
            await SendAsync(other, pair.From, asked.Body);
            await AcknowledgeAsync(other, pair.To, asked);
        });
        await SendAsync(one, pair.To, Encoding.UTF8.GetBytes(body));
        var answer = await ReceiveAsync(one, pair.From);
        _ = Task.WhenAll(answering, AcknowledgeAsync(one, pair.From, answer));
        return Encoding.UTF8.GetString(answer.Body.Span);
    }

    private static async Task SendAsync(Mailboxes mailboxes, string to, ReadOnlyMemory<byte> body) =>
        await mailboxes.SendAsync("local", to, new OutgoingMessage("bench", body), CancellationToken.None);

    private static async Task<MailboxMessage> ReceiveAsync(Mailboxes mailboxes, string name) =>
        (await mailboxes.ReceiveAsync("local", name, 1, s_wait, s_lease, CancellationToken.None)).Single();

    private static async Task AcknowledgeAsync(Mailboxes mailboxes, string name, MailboxMessage message)
    {
        if ((await mailboxes.AcknowledgeAsync("local", name, [message.Id], CancellationToken.None)).Count == 0)
        {
            throw new InvalidDataException("the message was no longer its receiver's");
        }
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
        // An agent polls all the time: a message meets it anywhere between two looks.
        await Task.Delay(PollingMailbox.Every * Random.Shared.NextDouble());
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
