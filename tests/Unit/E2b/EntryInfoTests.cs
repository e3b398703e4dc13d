using System.Text;
using System.Text.Json;

using ToolRuntime.E2b.Envd;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Unit.E2b;

/// <summary>Files as envd writes them.</summary>
public sealed class EntryInfoTests
{
    [Fact]
    public void AFileHasAllThatTheSdksRead()
    {
        var entry = Write(new AgentFile("a.txt", "file", 5_000_000_000, 0b110_100_100, 0, 1000, 1000)
        {
            Path = "/home/user/a.txt", Owner = "user", Group = "users", ModifiedNs = 1_500_000_000, Attributes = new Dictionary<string, string> { ["k"] = "v" },
        });
        Assert.Equal("a.txt", entry.GetProperty("name").GetString());
        Assert.Equal("FILE_TYPE_FILE", entry.GetProperty("type").GetString());
        Assert.Equal("5000000000", entry.GetProperty("size").GetString());
        Assert.Equal(420, entry.GetProperty("mode").GetInt32());
        Assert.Equal("-rw-r--r--", entry.GetProperty("permissions").GetString());
        Assert.Equal("1970-01-01T00:00:01.5000000Z", entry.GetProperty("modifiedTime").GetString());
        Assert.Equal("v", entry.GetProperty("metadata").GetProperty("k").GetString());
        Assert.False(entry.TryGetProperty("symlinkTarget", out _));
    }

    [Fact]
    public void ALinkIsDescribedByWhatItLeadsTo()
    {
        var entry = Write(new AgentFile("l", "link", 3, 0b111_111_111, 0, 0, 0, "/etc") { Path = "/l", TargetType = "folder", TargetMode = 0b111_101_101 });
        Assert.Equal("FILE_TYPE_DIRECTORY", entry.GetProperty("type").GetString());
        Assert.Equal("Lrwxr-xr-x", entry.GetProperty("permissions").GetString());
        Assert.Equal("/etc", entry.GetProperty("symlinkTarget").GetString());
    }

    [Theory]
    [InlineData("create", "EVENT_TYPE_CREATE", true)]
    [InlineData("write", "EVENT_TYPE_WRITE", true)]
    [InlineData("remove", "EVENT_TYPE_REMOVE", false)]
    [InlineData("rename", "EVENT_TYPE_RENAME", false)]
    [InlineData("chmod", "EVENT_TYPE_CHMOD", true)]
    public void EventsHaveTheirFileWhereItStillStands(string type, string expected, bool hasEntry)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            EntryInfo.Write(writer, new AgentFileEvent(type, "d/x", new AgentFile("x", "file", 1, 0, 0, 0, 0) { Path = "/d/x" }));
        }

        var happened = JsonElement.Parse(buffer.ToArray());
        Assert.Equal(expected, happened.GetProperty("type").GetString());
        Assert.Equal(hasEntry, happened.TryGetProperty("entry", out _));
    }

    private static JsonElement Write(AgentFile file)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            EntryInfo.Write(writer, file);
        }

        return JsonElement.Parse(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
