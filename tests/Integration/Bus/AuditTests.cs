using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>What the record of a call says.</summary>
public sealed class AuditTests(BusServer server)
{
    [Fact]
    public async Task TheRecordSaysWhoCalledWhatWithWhichArgumentsAndHowItEnded()
    {
        await using var bus = await server.ConnectAsync();
        var invocation = BusServer.NewInvocation(arguments: """{"a":1}"""u8.ToArray()) with
        {
            Caller = new Caller("acme", "ann", "key-1", "bob"),
            Decision = "allow",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            Parent = Ids.New(),
        };

        await bus.Audit.RecordAsync(invocation, new AuditOutcome(TimeProvider.System.GetUtcNow(), FaultCode.FunctionThrew, 7), BusServer.Deadline());

        var (accepted, completed) = await ReadAsync(invocation);
        var caller = accepted.GetProperty("caller");
        Assert.Equal(("acme", "ann", "key-1", "bob"), (Text(caller, "tenant"), Text(caller, "subject"), Text(caller, "credentialId"), Text(caller, "onBehalfOf")));
        Assert.Equal((invocation.Tool, invocation.Version, "allow"), (Text(accepted, "tool"), Text(accepted, "version"), Text(accepted, "decision")));
        Assert.Equal((invocation.TraceParent, invocation.Parent), (Text(accepted, "traceParent"), Text(accepted, "parent")));
        Assert.Equal(invocation.Arguments.ToArray(), accepted.GetProperty("arguments").GetBytesFromBase64());
        Assert.Equal(("FunctionThrew", 7), (Text(completed, "fault"), completed.GetProperty("resultBytes").GetInt32()));
    }

    [Fact]
    public async Task ManyAtOnceAreEachStoredAndTwiceIsOnce()
    {
        await using var bus = await server.ConnectAsync();
        var calls = Enumerable.Range(0, 300).Select(_ => BusServer.NewInvocation()).ToList();
        var outcome = new AuditOutcome(TimeProvider.System.GetUtcNow(), null, 3);

        await Task.WhenAll(calls.Concat(calls).Select(c => bus.Audit.RecordAsync(c, outcome, BusServer.Deadline()).AsTask()));

        foreach (var call in calls)
        {
            Assert.Equal(call.Id, Text((await ReadAsync(call)).Accepted, "invocation"));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OfManyAtOnceTheOnesThatAreRefusedFailAndNoOther(bool together)
    {
        var folder = Directory.CreateTempSubdirectory("toolrt-audit-").FullName;
        await using (var own = await NatsServerProcess.StartAsync(new NatsServerOptions { Folder = folder }, NullLoggerFactory.Instance, TimeProvider.System, BusServer.Deadline()))
        await using (var bus = await BusServer.ConnectAsync(own.Bus))
        {
            await using var connection = await BusServer.ConnectNatsAsync(own.Bus);
            var js = new NatsJSContext(connection) { ChangesLimits = true };
            var standing = (await js.GetStreamAsync("AUDIT", BusServer.Deadline())).Config!;
            await js.CreateOrUpdateStreamAsync(standing with { MaxMsgSize = 4_096, MaxBytes = standing.MaxBytes - 1 }, BusServer.Deadline());
            var outcome = new AuditOutcome(TimeProvider.System.GetUtcNow(), null, 3);

            var fit = Enumerable.Range(0, 100).Select(i => i % 3 != 0).ToList();
            var stored = await Task.WhenAll(fit.Select(fits => StoredAsync(bus, BusServer.NewInvocation(arguments: new byte[fits ? 1 : 8_192]), outcome, together)));

            Assert.Equal(fit, stored);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task ThoseOfManyAtOnceStandTogetherATenantEach()
    {
        await using var bus = await server.ConnectAsync();
        var tenants = new[] { $"t{Ids.New()[..10]}", $"t{Ids.New()[..10]}" };
        var calls = Enumerable.Range(0, 300).Select(i => BusServer.NewInvocation(tenant: tenants[i % 2])).ToList();
        var outcome = new AuditOutcome(TimeProvider.System.GetUtcNow(), null, 3);

        await Task.WhenAll(calls.Select(c => bus.Audit.RecordTogetherAsync(c, outcome, BusServer.Deadline()).AsTask()));

        foreach (var tenant in tenants)
        {
            var (messages, noted) = await ReadTogetherAsync(tenant);
            Assert.Equal(calls.Where(c => c.Caller.Tenant == tenant).Select(c => c.Id).Order(StringComparer.Ordinal), noted.Order(StringComparer.Ordinal));
            Assert.InRange(messages, 1, 75);
        }
    }

    [Theory]
    [InlineData(64 << 10, false)]
    [InlineData((64 << 10) + 1, true)]
    public async Task ArgumentsAbove64KiBStandBesideTheRecord(int length, bool beside)
    {
        await using var bus = await server.ConnectAsync();
        var invocation = BusServer.NewInvocation(arguments: RandomNumberGenerator.GetBytes(length));

        await bus.Audit.RecordAsync(invocation, new AuditOutcome(TimeProvider.System.GetUtcNow(), null, 0), BusServer.Deadline());

        var (accepted, _) = await ReadAsync(invocation);
        Assert.Equal(length, accepted.GetProperty("argumentBytes").GetInt32());
        Assert.Equal(beside, accepted.TryGetProperty("argumentsReference", out var reference) && reference.ValueKind == JsonValueKind.String);
        var kept = beside
            ? await bus.Objects.TryGetPayloadAsync("local", reference.GetString()!, BusServer.Deadline())
            : accepted.GetProperty("arguments").GetBytesFromBase64();
        Assert.True(invocation.Arguments.Span.SequenceEqual(kept!.Value.Span));
    }

    private static async Task<bool> StoredAsync(MessageBus bus, Invocation invocation, AuditOutcome outcome, bool together)
    {
        try
        {
            await (together ? bus.Audit.RecordTogetherAsync(invocation, outcome, BusServer.Deadline()) : bus.Audit.RecordAsync(invocation, outcome, BusServer.Deadline()));
            return true;
        }
        catch (NatsJSApiException)
        {
            return false;
        }
    }

    private async Task<(int Messages, List<string> Calls)> ReadTogetherAsync(string tenant)
    {
        await using var connection = await BusServer.ConnectNatsAsync(server.Options);
        var reader = new NatsJSOrderedReader(new NatsJSContext(connection), "AUDIT", $"audit.{tenant}.>", TimeProvider.System);
        var (messages, calls) = (0, new List<string>());
        await foreach (var (message, _) in reader.ReadStoredAsync(1, BusServer.Deadline()))
        {
            messages++;
            calls.AddRange(Encoding.UTF8.GetString(message.Data.Span).Split('\n').Select(l => Text(JsonElement.Parse(l).GetProperty("accepted"), "invocation")!));
        }

        return (messages, calls);
    }

    private async Task<(JsonElement Accepted, JsonElement Completed)> ReadAsync(Invocation invocation)
    {
        await using var connection = await BusServer.ConnectNatsAsync(server.Options);
        var reader = new NatsJSOrderedReader(new NatsJSContext(connection), "AUDIT", $"audit.{invocation.Caller.Tenant}.{invocation.Id}", TimeProvider.System);
        var stored = new List<JsonElement>();
        await foreach (var (message, _) in reader.ReadStoredAsync(1, BusServer.Deadline()))
        {
            stored.Add(JsonElement.Parse(message.Data.Span));
        }

        var pair = Assert.Single(stored);
        return (pair.GetProperty("accepted"), pair.GetProperty("completed"));
    }

    private static string? Text(JsonElement value, string member) => value.TryGetProperty(member, out var found) ? found.GetString() : null;
}
