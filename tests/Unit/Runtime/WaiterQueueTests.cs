using ToolRuntime.Runtime.Sandboxes;

namespace ToolRuntime.Tests.Unit.Runtime;

/// <summary>The queue of waiting calls against a plain list.</summary>
public sealed class WaiterQueueTests
{
    private static readonly SandboxKey[] s_keys = [SandboxKey.Everyone, new("one", SingleUse: false), new("two", SingleUse: true)];

    [Fact]
    public void CountsAndFirstsAreThoseOfAList()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var queue = new WaiterQueue();
        List<Waiter> list = [];
        for (var step = 0; step < 2000; step++)
        {
            var key = s_keys[random.Next(s_keys.Length)];
            switch (random.Next(4))
            {
                case 0 when list.Count > 0:
                    var leaving = list[random.Next(list.Count)];
                    Assert.Equal(list.IndexOf(leaving) + 1, queue.Leave(leaving));
                    Assert.Null(queue.Leave(leaving));
                    list.Remove(leaving);
                    break;
                case 1:
                    var first = list.Find(w => w.Key == key);
                    Assert.Same(first, queue.TakeFirst(key));
                    list.Remove(first!);
                    break;
                default:
                    var waiter = new Waiter(key, null, DateTimeOffset.UnixEpoch);
                    queue.Add(waiter);
                    list.Add(waiter);
                    break;
            }

            Assert.Equal(list.Count, queue.Count);
            Assert.All(s_keys, k => Assert.Equal(list.Count(w => w.Key == k), queue.CountOf(k)));
            Assert.Equal(list.DistinctBy(w => w.Key), queue.Firsts);
        }
    }
}
