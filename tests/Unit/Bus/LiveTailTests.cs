using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Sessions;

namespace ToolRuntime.Tests.Unit.Bus;

public sealed class LiveTailTests
{
    private const int Megabyte = 1 << 20;

    [Fact]
    public void LargeEventsAreBoundedByTheirBytes()
    {
        var tail = new LiveTail(1000, isInline: false);

        Assert.Equal(4, Enumerable.Range(0, 1000).Count(_ => tail.TryAdd(MessageOf(Megabyte))));
        Assert.True(tail.TryRead(out var first));
        Assert.Equal(Megabyte, first.Data.Length);
        Assert.True(tail.TryAdd(MessageOf(Megabyte)));
        Assert.False(tail.TryAdd(MessageOf(1)));
    }

    [Fact]
    public void SmallEventsAreBoundedByTheirNumber()
    {
        var tail = new LiveTail(3, isInline: false);

        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => tail.TryAdd(MessageOf(1))));
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => tail.TryRead(out var _)));

        // Those that found no room take none.
        Assert.True(tail.TryAdd(MessageOf(4 * Megabyte)));
        Assert.False(tail.TryAdd(MessageOf(1)));
    }

    private static NatsMsg MessageOf(int length) => new("", null, default, new byte[length]);
}
