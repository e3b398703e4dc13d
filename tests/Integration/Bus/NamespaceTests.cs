using System.Diagnostics;

using ToolRuntime.Bus;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>As <see cref="PartitionTests"/>, with the kernel's own TCP over interfaces that go down, or whose frames one way get lost.</summary>
public sealed class NamespaceTests(ITestOutputHelper output)
{
    /// <summary>As <see cref="PartitionTests"/>; where the connection was not given up, the kernel's next repetition comes as late as the link was away before.</summary>
    private static readonly TimeSpan s_goesOnWithin = TimeSpan.FromSeconds(15);

    [Fact]
    public Task AfterFiveSecondsAllGoesOn() => AllGoesOnAsync(TimeSpan.FromSeconds(5));

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(20)]
    [InlineData(60)]
    public Task AfterLongerAllGoesOn(int seconds) => AllGoesOnAsync(TimeSpan.FromSeconds(seconds));

    private async Task AllGoesOnAsync(TimeSpan partition)
    {
        Assert.SkipUnless(NetworkNamespace.Missing() is null, NetworkNamespace.Missing() ?? "");
        var cuts = Enum.GetValues<Cut>();
        await using var network = await NetworkNamespace.StartAsync(cuts.Length);
        await Task.WhenAll(cuts.Select(async cut =>
        {
            await using var session = await ReachAsync(new BusOptions { Servers = [NetworkNamespace.Server((int)cut)] }.ScaledTo(1L << 30));
            network.Break((int)cut, cut);
            await Task.Delay(partition, TestContext.Current.CancellationToken);
            var mended = Stopwatch.GetTimestamp();
            network.Mend((int)cut, cut);
            await session.GoesOnAsync();
            var after = Stopwatch.GetElapsedTime(mended);
            output.WriteLine($"{cut}, {partition.TotalSeconds} s: went on after {after.TotalSeconds:0.0} s; {await session.CheckAsync()}");
            Assert.InRange(after, TimeSpan.Zero, s_goesOnWithin);
        }));
    }

    private static async Task<LinkedSession> ReachAsync(BusOptions options)
    {
        var deadline = BusServer.Deadline();
        while (true)
        {
            try
            {
                return await LinkedSession.StartAsync(options);
            }
            catch (InvalidOperationException) when (!deadline.IsCancellationRequested)
            {
                // The server has only just been started.
                await Task.Delay(TimeSpan.FromMilliseconds(100), deadline);
            }
        }
    }
}
