using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

using ToolRuntime.Functions;
using ToolRuntime.Sandbox.Native;
using ToolRuntime.Sandbox.Pools;

namespace ToolRuntime.Tests.Integration.Sandbox;

/// <summary>Two instances on one cache folder: what either of them goes on using stays, what neither does goes.</summary>
public sealed class CacheTests : IDisposable
{
    private const string Tenant = "local";
    private static readonly TimeSpan s_week = TimeSpan.FromDays(7);
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-cache-").FullName;
    private readonly byte[] _tar = Tar();
    private readonly Clock _clock = new();
    private int _fetches;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private LayerReference Layer => new(LayerKind.Code, Convert.ToHexStringLower(SHA256.HashData(_tar)), _tar.Length);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ALayerThatNobodyUsesGoesAndIsFetchedAgainWhenItIsNeeded()
    {
        var (user, collector) = (NewCache(), NewCache());
        var path = await user.EnsureAsync(Tenant, Layer, Token);
        _clock.Advance(s_week - TimeSpan.FromMinutes(1));
        Assert.Empty(await collector.CollectAsync(s_week, _clock.GetUtcNow(), Token));
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([path], await collector.CollectAsync(s_week, _clock.GetUtcNow(), Token));
        Assert.False(Directory.Exists(path));
        Assert.Equal(path, await user.EnsureAsync(Tenant, Layer, Token));

        Assert.True(File.Exists(Path.Combine(path, "file.txt")));
        Assert.Equal(2, _fetches);
    }

    [Fact]
    public async Task ALayerThatAnotherInstanceGoesOnUsingStays()
    {
        var (user, collector) = (NewCache(), NewCache());
        var path = await user.EnsureAsync(Tenant, Layer, Token);
        for (var day = 0; day < 30; day++)
        {
            _clock.Advance(TimeSpan.FromDays(1));
            await user.EnsureAsync(Tenant, Layer, Token);
            Assert.Empty(await collector.CollectAsync(TimeSpan.FromDays(1), _clock.GetUtcNow(), Token));
        }

        Assert.True(Directory.Exists(path));
        Assert.Equal(1, _fetches);
    }

    [Fact]
    public async Task ALayerOfWhichNoUseIsKnownBeginsItsTime()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, Tenant, Layer.Digest)).FullName;
        var collector = NewCache();

        Assert.Empty(await collector.CollectAsync(s_week, _clock.GetUtcNow(), Token));
        _clock.Advance(s_week);

        Assert.Equal([folder], await collector.CollectAsync(s_week, _clock.GetUtcNow(), Token));
    }

    [Theory]
    [InlineData(0, 119, false)]
    [InlineData(0, 120, true)]
    [InlineData(600, 599, false)]
    [InlineData(600, 600, true)]
    public void NothingGoesWhileAUseThatWasSaidStillHolds(int unusedForMinutes, int age, bool expected) =>
        Assert.Equal(expected, CacheEntries.IsUnused(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddMinutes(age), TimeSpan.FromMinutes(unusedForMinutes)));

    private static byte[] Tar()
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "file.txt") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes("text")) });
        }

        return stream.ToArray();
    }

    private LayerCache NewCache() => new(
        _folder,
        async (_, _, destination, cancellationToken) =>
        {
            _fetches++;
            await destination.WriteAsync(_tar, cancellationToken);
            return true;
        },
        _clock);

    /// <summary>Time that the test moves; waits are real.</summary>
    private sealed class Clock : TimeProvider
    {
        private TimeSpan _passed;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddYears(50) + _passed;

        public override long GetTimestamp() => _passed.Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => _passed += by;
    }
}
