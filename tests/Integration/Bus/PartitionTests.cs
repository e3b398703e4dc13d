using System.Diagnostics;

using Microsoft.Extensions.Logging.Abstractions;

using ToolRuntime.Bus.Nats.Server;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>The link to the message server stops for a while, or for good and only one way, and neither end is told.</summary>
public sealed class PartitionTests(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>
    /// From the link's return until all goes on: an attempt to connect takes at most 2 s and the next begins 1.25 s later at the latest; the rest is for a
    /// machine that others use.
    /// </summary>
    private static readonly TimeSpan s_goesOnWithin = TimeSpan.FromSeconds(15);

    /// <summary>
    /// A connection of which nothing comes back is given up at the third ping, 15 s after the last sign of life at the latest; a call that was given out over
    /// it is given out again 10 s later; then as above.
    /// </summary>
    private static readonly TimeSpan s_isNoticedWithin = TimeSpan.FromSeconds(15 + 10) + s_goesOnWithin;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"toolrt-fault-{Ids.New()}");
    private NatsServerProcess _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await NatsServerProcess.StartAsync(new NatsServerOptions { Folder = _folder }, NullLoggerFactory.Instance, TimeProvider.System, BusServer.Deadline());

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public Task AfterFiveSecondsAllGoesOn() => AllGoesOnAsync(TimeSpan.FromSeconds(5));

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(20)]
    [InlineData(60)]
    public Task AfterLongerAllGoesOn(int seconds) => AllGoesOnAsync(TimeSpan.FromSeconds(seconds));

    [Fact]
    public Task AHalfOpenLinkIsNoticedAndReplaced() => Task.WhenAll(Enum.GetValues<Cut>().Select(async cut =>
    {
        await using var link = new Link(new Uri(_server.Bus.Servers[0]));
        await using var session = await LinkedSession.StartAsync(_server.Bus with { Servers = [link.Address.ToString()] });
        link.Strand(cut);
        var noticed = await session.GoesOnAsync();
        output.WriteLine($"{cut}: replaced after {noticed.TotalSeconds:0.0} s; {await session.CheckAsync()}");
        Assert.InRange(noticed, TimeSpan.Zero, s_isNoticedWithin);
    }));

    private Task AllGoesOnAsync(TimeSpan partition) => Task.WhenAll(Enum.GetValues<Cut>().Select(async cut =>
    {
        await using var link = new Link(new Uri(_server.Bus.Servers[0]));
        await using var session = await LinkedSession.StartAsync(_server.Bus with { Servers = [link.Address.ToString()] });
        link.Break(cut);
        await Task.Delay(partition, TestContext.Current.CancellationToken);
        var mended = Stopwatch.GetTimestamp();
        link.Mend();
        await session.GoesOnAsync();
        var after = Stopwatch.GetElapsedTime(mended);
        output.WriteLine($"{cut}, {partition.TotalSeconds} s: went on after {after.TotalSeconds:0.0} s; {await session.CheckAsync()}");
        Assert.InRange(after, TimeSpan.Zero, s_goesOnWithin);
    }));
}
