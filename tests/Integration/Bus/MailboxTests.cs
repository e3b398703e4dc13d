using System.Text;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Mailboxes;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>Messages between agents.</summary>
public sealed class MailboxTests(BusServer server)
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task MessagesComeInTheOrderOfTheirSenderAndNotAgainOnceAcknowledged()
    {
        await using var bus = await server.ConnectAsync();
        var tenant = "t" + Ids.New();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async sender =>
        {
            for (var number = 0; number < 25; number++)
            {
                await SendAsync(bus, tenant, "box", $"[{sender},{number}]");
            }
        }));

        var got = new List<(int Sender, int Number)>();
        while (await ReceiveAsync(bus, tenant, "box", 7) is { Count: > 0 } messages)
        {
            got.AddRange(messages.Select(m => System.Text.Json.JsonSerializer.Deserialize<int[]>(m.Body.Span)!).Select(b => (b[0], b[1])));
            Assert.Equal(messages.Count, (await bus.Mailboxes.AcknowledgeAsync(tenant, "box", [.. messages.Select(m => m.Id)], BusServer.Deadline())).Count);
        }

        foreach (var sender in got.GroupBy(g => g.Sender))
        {
            Assert.Equal(Enumerable.Range(0, 25), sender.Select(g => g.Number));
        }

        Assert.Equal(100, got.Count);
        Assert.Empty(await bus.Mailboxes.ListAsync(tenant, BusServer.Deadline()));
    }

    [Fact]
    public async Task WhoseLeaseRanOutLosesTheMessageToTheNextReceiver()
    {
        var clock = new ShiftedClock();
        await using var bus = await ConnectAsync(clock);
        var tenant = "t" + Ids.New();
        await SendAsync(bus, tenant, "box", "1");
        var zombie = Assert.Single(await ReceiveAsync(bus, tenant, "box"));
        Assert.Empty(await ReceiveAsync(bus, tenant, "box"));

        clock.Shift = s_lease;
        var taken = Assert.Single(await ReceiveAsync(bus, tenant, "box"));

        Assert.Equal((1, 2), (zombie.Deliveries, taken.Deliveries));
        Assert.Empty(await bus.Mailboxes.AcknowledgeAsync(tenant, "box", [zombie.Id], BusServer.Deadline()));
        Assert.Equal([taken.Id], await bus.Mailboxes.AcknowledgeAsync(tenant, "box", [taken.Id], BusServer.Deadline()));
    }

    [Fact]
    public async Task AMessageThatNobodyFinishesIsADeadLetterAndCanBePutBack()
    {
        var clock = new ShiftedClock();
        await using var bus = await ConnectAsync(clock);
        var tenant = "t" + Ids.New();
        await SendAsync(bus, tenant, "box", """{"bad":1}""");
        for (var delivery = 1; delivery <= 5; delivery++)
        {
            Assert.Equal(delivery, Assert.Single(await ReceiveAsync(bus, tenant, "box")).Deliveries);
            clock.Shift += s_lease;
        }

        Assert.Empty(await ReceiveAsync(bus, tenant, "box"));
        Assert.Equal("""{"bad":1}""", Text(Assert.Single(await bus.Mailboxes.DeadAsync(tenant, "box", BusServer.Deadline()))));
        Assert.Equal(1, await bus.Mailboxes.ReplayAsync(tenant, "box", BusServer.Deadline()));
        Assert.Equal(1, Assert.Single(await ReceiveAsync(bus, tenant, "box")).Deliveries);
        Assert.Empty(await bus.Mailboxes.DeadAsync(tenant, "box", BusServer.Deadline()));
    }

    [Fact]
    public async Task AFullMailboxRefusesAndTheOthersTakeOn()
    {
        // Who joins a server leaves its limits: this one is filled to the usual bound.
        await using var bus = await server.ConnectAsync();
        var tenant = "t" + Ids.New();
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(n => SendAsync(bus, tenant, "box", $"{n}")));

        var refused = await Assert.ThrowsAsync<FunctionFaultException>(() => SendAsync(bus, tenant, "box", "1"));
        Assert.Equal(FaultCode.QuotaExceeded, refused.Fault.Code);
        await SendAsync(bus, tenant, "other", "1");
        var taken = Assert.Single(await ReceiveAsync(bus, tenant, "box"));
        await bus.Mailboxes.AcknowledgeAsync(tenant, "box", [taken.Id], BusServer.Deadline());
        await SendAsync(bus, tenant, "box", "1");
    }

    [Fact]
    public async Task AKeyIsDeliveredOnceAndWhatIsTooOldNotAtAll()
    {
        var clock = new ShiftedClock();
        await using var bus = await ConnectAsync(clock);
        var tenant = "t" + Ids.New();
        var once = new OutgoingMessage("test", "1"u8.ToArray(), "order-1");
        Assert.NotEqual(0ul, await bus.Mailboxes.SendAsync(tenant, "box", once, BusServer.Deadline()));
        Assert.Equal(0ul, await bus.Mailboxes.SendAsync(tenant, "box", once, BusServer.Deadline()));
        await bus.Mailboxes.SendAsync(tenant, "box", new OutgoingMessage("test", "2"u8.ToArray(), Age: TimeSpan.FromSeconds(10)), BusServer.Deadline());
        clock.Shift = TimeSpan.FromSeconds(11);

        Assert.Equal("1", Text(Assert.Single(await ReceiveAsync(bus, tenant, "box", 10))));
    }

    [Fact]
    public async Task ARequestIsAnsweredAndALargeBodyPasses()
    {
        await using var bus = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        var tenant = "t" + Ids.New();
        var large = Encoding.UTF8.GetBytes($"\"{new string('x', 2 << 20)}\"");
        var asking = bus.Mailboxes.RequestAsync(tenant, "echo", new OutgoingMessage("asker", large), BusServer.Limit, BusServer.Deadline()).AsTask();

        var message = Assert.Single(await other.Mailboxes.ReceiveAsync(tenant, "echo", 1, BusServer.Limit, s_lease, BusServer.Deadline()));
        Assert.Equal("asker", message.From);
        await other.Mailboxes.ReplyAsync(tenant, message.ReplyTo!, new OutgoingMessage("echo", message.Body), BusServer.Deadline());

        Assert.True((await asking).Span.SequenceEqual(large));
        var late = await Assert.ThrowsAsync<FunctionFaultException>(async () => await bus.Mailboxes.RequestAsync(tenant, "nobody", new OutgoingMessage("asker", "1"u8.ToArray()), TimeSpan.FromMilliseconds(50), BusServer.Deadline()));
        Assert.Equal(FaultCode.DeadlineExceeded, late.Fault.Code);
    }

    [Fact]
    public async Task ReceiversAtOnceGetEachMessageOnceAndTenantsAreApart()
    {
        await using var bus = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        var tenant = "t" + Ids.New();
        await Task.WhenAll(Enumerable.Range(0, 60).Select(n => SendAsync(bus, tenant, "box", $"{n}")));

        Assert.Empty(await ReceiveAsync(bus, "t" + Ids.New(), "box"));
        var got = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => ReceiveAsync(n % 2 == 0 ? bus : other, tenant, "box", 3)));

        Assert.Equal(Enumerable.Range(0, 60), got.SelectMany(m => m).Select(m => int.Parse(Text(m))).Order());
    }

    private ValueTask<MessageBus> ConnectAsync(TimeProvider clock) => MessageBus.ConnectAsync(server.Options, NullLoggerFactory.Instance, clock, BusServer.Deadline());

    private static async Task SendAsync(MessageBus bus, string tenant, string to, string body) =>
        await bus.Mailboxes.SendAsync(tenant, to, new OutgoingMessage("test", Encoding.UTF8.GetBytes(body)), BusServer.Deadline());

    private static Task<IReadOnlyList<MailboxMessage>> ReceiveAsync(MessageBus bus, string tenant, string name, int max = 1) =>
        bus.Mailboxes.ReceiveAsync(tenant, name, max, TimeSpan.Zero, s_lease, BusServer.Deadline()).AsTask();

    private static string Text(MailboxMessage message) => Encoding.UTF8.GetString(message.Body.Span);

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
    }
}
