using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using ToolRuntime.Cli.Output;
using ToolRuntime.Cli.Up;
using ToolRuntime.Tests.Unit.Shape;

namespace ToolRuntime.Tests.Unit.Cli;

/// <summary>host.json as it is read, and as its schema describes it.</summary>
public sealed partial class HostSettingsTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void TheFileOfTheCheckoutHoldsTheDefaultsOfTheSchemaAndOfTheCode()
    {
        var shipped = HostSettings.Read(Path.Combine(SourceTree.Root, "host.json"));
        var described = new JsonObject(Members().GroupBy(m => m.Section, m => m).Select(section => KeyValuePair.Create<string, JsonNode?>(
            section.Key,
            new JsonObject(section.Where(m => m.Schema.TryGetProperty("default", out _)).Select(m => KeyValuePair.Create(m.Name, JsonNode.Parse(m.Schema.GetProperty("default").GetRawText())))))));

        Assert.Equal(Comparable(new HostSettings()), Comparable(shipped));
        Assert.Equal(Comparable(new HostSettings()), Comparable(Read(described)));
    }

    [Fact]
    public void EveryMemberOfTheSchemaIsReadAndNothingElse()
    {
        var members = Members();
        var wrong = new JsonObject(members.GroupBy(m => m.Section).Select(section => KeyValuePair.Create<string, JsonNode?>(
            section.Key, new JsonObject(section.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Name, false))))));

        var message = Assert.Throws<CommandFailedException>(() => Read(wrong)).Message;

        Assert.All(members, m => Assert.Contains($"toolruntime.{m.Section}.{m.Name}: false is ", message, StringComparison.Ordinal));
        Assert.Equal(typeof(HostSettings).GetProperties().Sum(p => p.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal) ? p.PropertyType.GetProperties().Length : 1), members.Count);
    }

    [Theory]
    [InlineData("[]", "it is an object")]
    [InlineData("""{"toolruntime":7}""", "toolruntime: an object was expected")]
    [InlineData("""{"toolruntime":{"bus":7}}""", "toolruntime.bus: an object was expected")]
    [InlineData("""{"toolruntime":{"buss":{}}}""", "toolruntime.buss: there is no such section")]
    [InlineData("""{"toolruntime":{"bus":{"partition":4}}}""", "toolruntime.bus.partition: there is no such setting")]
    [InlineData("""{"toolruntime":{"bus":{"partitions":99}}}""", "toolruntime.bus.partitions: 99 is not a whole number from 1 to 16")]
    [InlineData("{", "is not JSON")]
    public void AMistakeIsNamedWithItsPlace(string text, string message)
    {
        File.WriteAllText(_path, text);

        var refused = Assert.Throws<CommandFailedException>(() => HostSettings.Read(_path)).Message;

        Assert.Contains(_path, refused, StringComparison.Ordinal);
        Assert.Contains(message, refused, StringComparison.Ordinal);
    }

    [Fact]
    public void TheGVisorBuildThatIsNamedIsTaken() =>
        Assert.Equal("/opt/runsc", Read(new JsonObject { ["sandbox"] = new JsonObject { ["runscPath"] = "/opt/runsc" } }).RunscPath);

    [Fact]
    public void EverySettingThatAMessageOrADocumentNamesExists()
    {
        var files = SourceTree.ProductFiles.Concat(Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md", SearchOption.AllDirectories));
        var known = Members().Select(m => $"toolruntime.{m.Section}.{m.Name}").ToHashSet(StringComparer.Ordinal);
        var unknown = from file in files
                      from Match named in Setting().Matches(File.ReadAllText(file))
                      where !known.Contains(named.Value)
                      select $"{SourceTree.Relative(file)}: {named.Value}";

        Assert.Empty(unknown);
    }

    [GeneratedRegex(@"toolruntime\.(bus|sandbox|runtime|collection|gateway)\.[a-zA-Z]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Setting();

    private HostSettings Read(JsonObject section)
    {
        File.WriteAllText(_path, new JsonObject { ["version"] = "2.0", ["toolruntime"] = section }.ToJsonString());
        return HostSettings.Read(_path);
    }

    private static string Comparable(HostSettings settings) => JsonSerializer.Serialize(settings);

    private static List<(string Section, string Name, JsonElement Schema)> Members()
    {
        var schema = JsonElement.Parse(File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "schemas", "host.schema.json")));
        return
        [
            .. from section in schema.GetProperty("properties").GetProperty("toolruntime").GetProperty("properties").EnumerateObject()
               from member in section.Value.GetProperty("properties").EnumerateObject()
               select (section.Name, member.Name, member.Value),
        ];
    }
}
