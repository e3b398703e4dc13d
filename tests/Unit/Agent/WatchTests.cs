using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Sandbox.Agent.Watching;

namespace ToolRuntime.Tests.Unit.Agent;

/// <summary>The kernel's events, and which folder they are of.</summary>
public sealed class WatchTests
{
    [Fact]
    public void EventsAreCut()
    {
        byte[] bytes = [1, 0, 0, 0, 0, 1, 0, 0x40, 0, 0, 0, 0, 4, 0, 0, 0, (byte)'a', (byte)'b', 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

        var events = WatchEvent.Read(bytes);

        Assert.Equal([new WatchEvent(1, WatchEvent.Created | WatchEvent.OfFolder, "ab"), new WatchEvent(2, WatchEvent.Modified, "")], events);
    }

    [Fact]
    public void AnyBytesAreCut() => Prop.ForAll<byte[]>(bytes => WatchEvent.Read(bytes).Count <= bytes.Length / 16).QuickCheckThrowOnFailure();

    [Fact]
    public void AFolderGoesWithAllThatIsInIt()
    {
        var folders = new WatchedFolders();
        foreach (var (watch, path) in new[] { (1, ""), (2, "a"), (3, "a/b"), (4, "ab"), (5, "c") })
        {
            folders.Add(watch, path);
        }

        Assert.Equal([2, 3], folders.RemoveTree("a").Order());
        Assert.Equal((null, "ab", 3), (folders.PathOf(3), folders.PathOf(4), folders.Count));
        folders.Add(5, "moved/c");
        Assert.Empty(folders.RemoveTree("c"));
        Assert.Equal([5], folders.RemoveTree("moved"));
        folders.Remove(4);
        Assert.Equal((1, ""), (folders.Count, folders.PathOf(1)));
    }
}
