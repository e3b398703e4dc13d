using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Bus.Nats.KeyValue;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>How a catalog is read: versions come with the records that name them, and a slow reader is waited for.</summary>
public sealed class CatalogTests(BusServer server)
{
    private const int Keys = 20_000;

    [Fact]
    public async Task AVersionComesWithItsRecordWhereItIsTheOlder()
    {
        await using var bus = await server.ConnectAsync();
        var (one, two) = (VersionOf("one"), VersionOf("two"));
        await bus.Catalog.PutVersionAsync(one, BusServer.Deadline());
        await bus.Catalog.PutVersionAsync(two, BusServer.Deadline());
        Assert.True(await bus.Catalog.TrySwapRecordAsync(RecordOf(one), 0, BusServer.Deadline()));
        Assert.True(await bus.Catalog.TrySwapRecordAsync(RecordOf(two), 0, BusServer.Deadline()));
        await bus.Catalog.PutVersionAsync(two, BusServer.Deadline());

        var versions = new Dictionary<string, FunctionVersion?>(StringComparer.Ordinal);
        await foreach (var change in bus.Catalog.WatchAsync(BusServer.Deadline()))
        {
            if (change.IsCurrent)
            {
                break;
            }

            if (change.Tenant == one.Tenant || change.Tenant == two.Tenant)
            {
                versions[change.Name] = change.Version;
            }
        }

        Assert.Equal(["one", "two"], versions.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(one.Digest, versions["one"]!.Digest);
        Assert.Null(versions["two"]);
        Assert.Equal(two.Digest, (await bus.Catalog.GetVersionAsync(two.Tenant, two.Digest, BusServer.Deadline()))!.Digest);
    }

    [Fact]
    public async Task AWatchThatIsReadSlowlyIsOneConsumerAndMissesNothing()
    {
        var bucket = $"SLOW{Ids.New()}";
        await using var nats = await BusServer.ConnectNatsAsync(server.Options);
        var js = new NatsJSContext(nats);
        var store = new NatsKVStore(js, bucket, TimeProvider.System);
        await js.CreateOrUpdateStreamAsync(new StreamConfig { Name = store.Stream, Subjects = [store.SubjectOf(">")], MaxMsgsPerSubject = 1, MaxBytes = 64 << 20, AllowDirect = true }, BusServer.Deadline());
        await Parallel.ForEachAsync(Enumerable.Range(0, Keys), BusServer.Deadline(), async (number, token) => await store.PutAsync($"key{number}", "value"u8.ToArray(), token));
        var made = 0;
        using var advisories = nats.Subscribe($"$JS.EVENT.ADVISORY.CONSUMER.CREATED.{store.Stream}.>", null, _ => Interlocked.Increment(ref made));

        var found = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var entry in store.Watch(">").ReadAsync(BusServer.Deadline()))
        {
            if (entry is not { } standing)
            {
                break;
            }

            if (found.Add(standing.Key) && found.Count == 1)
            {
                // All that the server sends without an answer has come by then.
                await Task.Delay(TimeSpan.FromSeconds(1), BusServer.Deadline());
            }
        }

        await nats.PingAsync(BusServer.Deadline());
        Assert.Equal(Keys, found.Count);
        Assert.Equal(1, Volatile.Read(ref made));
    }

    private static FunctionRecord RecordOf(FunctionVersion version) => new()
    {
        Tenant = version.Tenant,
        Name = version.Manifest.Name,
        Active = [new WeightedVersion(version.Digest, 100)],
        History = [version.Digest],
        UpdatedAt = TimeProvider.System.GetUtcNow(),
    };

    private static FunctionVersion VersionOf(string name) => new()
    {
        Digest = Ids.New(),
        Tenant = Ids.New(),
        Manifest = new FunctionManifest { Name = name, Language = FunctionLanguage.Python },
        Tools = [],
        Layers = [],
        CreatedAt = TimeProvider.System.GetUtcNow(),
    };
}
