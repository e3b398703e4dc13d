using ToolRuntime.Bus.Jobs;
using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Queue;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Unit.Bus;

public sealed class FairOrderTests
{
    [Fact]
    public void TenantsAndTheirFunctionsComeInTurn()
    {
        var order = new FairOrder<string>();
        foreach (var name in (string[])["a1", "a2", "a3", "a4"])
        {
            order.Enqueue("a", "f", name);
        }

        order.Enqueue("a", "g", "a5");
        order.Enqueue("b", "f", "b1");
        order.Enqueue("b", "f", "b2");

        var taken = new List<string>();
        while (order.TryDequeue(out var next))
        {
            taken.Add(next);
        }

        Assert.Equal(["a1", "b1", "a5", "b2", "a2", "a3", "a4"], taken);
        Assert.Equal(0, order.Count);
    }

    [Theory]
    [InlineData("2.9.10", false, false, false)]
    [InlineData("2.10.29-RC.2", true, false, false)]
    [InlineData("2.11.17", true, true, false)]
    [InlineData("2.12.0-preview.1", true, true, true)]
    [InlineData("3.0.0", true, true, true)]
    [InlineData("", false, false, false)]
    public void AVersionSaysWhatAServerCan(string version, bool filters, bool ttl, bool schedules)
    {
        var features = NatsFeatures.Of(version);
        Assert.Equal((filters, ttl, schedules), (features.HasFilterSubjects, features.HasMessageTtl, features.HasSchedules));
    }

    [Fact]
    public void ALetterHoldsTheCallWhole()
    {
        var invocation = new Invocation
        {
            Id = Ids.New(), Session = Ids.New(), Caller = Caller.Local, Pool = "base", Function = "f", Version = "v", Tool = "t",
            Arguments = """{"a":1}"""u8.ToArray(), AcceptedAt = DateTimeOffset.UnixEpoch, Deadline = DateTimeOffset.UnixEpoch,
        };
        var letter = DeadLetters.Decode(DeadLetters.Encode(invocation, new DeadLetterHead("it died", 5, DateTimeOffset.UnixEpoch)));
        Assert.Equal((invocation.Id, "it died", 5), (letter.Invocation.Id, letter.Reason, letter.Attempts));
        Assert.Equal("""{"a":1}"""u8.ToArray(), letter.Invocation.Arguments.ToArray());
    }

    [Fact]
    public void DelayedCallsSortByTheirTime()
    {
        var at = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);
        var keys = new[] { at.AddDays(7), at, at.AddMilliseconds(1) }.Select(due => DelayedCalls.KeyOf("t", Ids.New(), due)).Order(StringComparer.Ordinal).ToList();
        Assert.Equal([at, at.AddMilliseconds(1), at.AddDays(7)], keys.Select(DelayedCalls.DueOf));
    }
}
