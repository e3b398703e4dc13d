using System.Net;
using System.Text;
using System.Text.Json;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus.State;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Collection;
using ToolRuntime.Tests.Integration.Bus;

namespace ToolRuntime.Tests.Integration.Gateway;

/// <summary>Old versions, layers and packages go from the real store by the rule; the time of a round is given, not waited for.</summary>
public sealed class CollectionTests
{
    private static readonly ToolDefinition s_tool = new() { Name = "tool", InputSchema = JsonElement.Parse("""{"type":"object"}""") };

    [Fact]
    public async Task OldVersionsGoButWhatIsKeptOrUsedBySessionsStays()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var collector = NewCollector(gateway);
        var versions = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            await gateway.DeployAsync("f", s_tool);
            versions.Add((await RecordAsync(gateway))!.Active[0].Digest);
        }

        var session = Ids.New();
        var claim = new OwnerClaim("runtime", TimeSpan.FromHours(1), null) { Versions = () => new Dictionary<string, string>(StringComparer.Ordinal) { ["f"] = versions[0] } };
        await gateway.Bus.Owners.TryTakeAsync("local", session, claim, BusServer.Deadline());
        await collector.CollectAsync(Later(1), BusServer.Deadline());

        Assert.Equal([versions[3], versions[2]], (await RecordAsync(gateway))!.History);
        Assert.Equal([versions[0], versions[2], versions[3]], await StoredAsync(gateway, versions));
        using var beyond = await gateway.Admin.PostAsync($"/admin/functions/f/rollback?to={versions[1]}", content: null);
        Assert.Equal(HttpStatusCode.BadRequest, beyond.StatusCode);
        Assert.Contains("no longer kept (toolruntime.collection.keepVersions)", await beyond.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var back = await gateway.Admin.PostAsync("/admin/functions/f/rollback", content: null);
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);

        await gateway.Bus.Owners.ReleaseAsync("local", session, "runtime", BusServer.Deadline());
        await collector.CollectAsync(Later(1), BusServer.Deadline());
        Assert.Equal([versions[2], versions[3]], await StoredAsync(gateway, versions));
    }

    [Fact]
    public async Task ARemovedFunctionGoesWithAllThatIsItsAndCanBeDeployedAgain()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var collector = NewCollector(gateway);
        await gateway.DeployAsync("f", s_tool);
        var digest = (await RecordAsync(gateway))!.Active[0].Digest;

        using var removed = await gateway.Admin.DeleteAsync("/admin/functions/f");
        await collector.CollectAsync(TimeProvider.System.GetUtcNow(), BusServer.Deadline());
        var atOnce = await StoredAsync(gateway, [digest]);
        await collector.CollectAsync(Later(1), BusServer.Deadline());

        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal([digest], atOnce);
        Assert.Empty(await StoredAsync(gateway, [digest]));
        Assert.Null(await RecordAsync(gateway));
        Assert.Empty(await gateway.Bus.Objects.ListAsync(BusServer.Deadline()));
        await gateway.DeployAsync("f", s_tool);
        Assert.Single((await RecordAsync(gateway))!.History);
    }

    [Fact]
    public async Task AnObjectThatIsAskedForAgainAfterItWasListedStays()
    {
        await using var gateway = await GatewayInstance.StartAsync();
        var digest = await PutAsync(gateway);
        var listed = Assert.Single(await gateway.Bus.Objects.ListAsync(BusServer.Deadline()));

        Assert.Equal(digest, await PutAsync(gateway));
        var removed = await gateway.Bus.Objects.TryRemoveAsync(listed, BusServer.Deadline());

        Assert.False(removed);
        await using var content = new MemoryStream();
        Assert.True(await gateway.Bus.Objects.TryGetAsync("local", "layer", digest, content, BusServer.Deadline()));
        Assert.Equal("layer", Encoding.UTF8.GetString(content.ToArray()));
        Assert.True(await gateway.Bus.Objects.TryRemoveAsync(Assert.Single(await gateway.Bus.Objects.ListAsync(BusServer.Deadline())), BusServer.Deadline()));
        Assert.False(await gateway.Bus.Objects.TryTouchAsync("local", "layer", digest, BusServer.Deadline()));
        Assert.Equal(digest, await PutAsync(gateway));
    }

    private static Collector NewCollector(GatewayInstance gateway) =>
        new(gateway.Bus, new CollectionOptions { KeepVersions = 2 }, TimeProvider.System, NullLogger<Collector>.Instance);

    private static DateTimeOffset Later(int days) => TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(days);

    private static async Task<string> PutAsync(GatewayInstance gateway)
    {
        await using var content = new MemoryStream("layer"u8.ToArray());
        return await gateway.Bus.Objects.PutAsync("local", "layer", content, BusServer.Deadline());
    }

    private static async Task<FunctionRecord?> RecordAsync(GatewayInstance gateway) =>
        (await gateway.Bus.Catalog.GetRecordAsync("local", "f", BusServer.Deadline()))?.Record;

    private static async Task<List<string>> StoredAsync(GatewayInstance gateway, IReadOnlyList<string> order) =>
        [.. (await gateway.Bus.Catalog.ReadAllAsync(BusServer.Deadline())).Versions.Select(v => v.Version.Digest).OrderBy(d => order.ToList().IndexOf(d))];
}
