using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Functions;
using ToolRuntime.Runtime.Building;
using ToolRuntime.Tests.Unit.Shape;

namespace ToolRuntime.Tests.Unit.Runtime;

/// <summary>docs/schemas/function.schema.json says what the reader of toolruntime.json takes.</summary>
public sealed class ManifestSchemaTests
{
    private static readonly JsonElement s_members =
        JsonElement.Parse(File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "schemas", "function.schema.json"))).GetProperty("properties");

    [Fact]
    public void ItNamesTheMembersThatAreKnown()
    {
        List<string> errors = [];
        ManifestRules.Check((JsonObject)JsonNode.Parse("""{"x":1,"limits":{"x":1},"pool":{"x":1}}""")!, errors);

        Assert.Equal(Known(s_members), Named("x"));
        Assert.Equal(Known(s_members.GetProperty("limits").GetProperty("properties")), Named("limits.x"));
        Assert.Equal(Known(s_members.GetProperty("pool").GetProperty("properties")), Named("pool.x"));

        string Named(string member) => Sorted(errors.Single(e => e.StartsWith($"{member}: unknown member; known are ", StringComparison.Ordinal)).Split("known are ")[1].Split(", "));
    }

    [Theory]
    [InlineData("")]
    [InlineData("limits")]
    [InlineData("pool")]
    public void ItsRangesAreThoseThatAreHeld(string section)
    {
        var schema = section.Length == 0 ? s_members : s_members.GetProperty(section).GetProperty("properties");
        foreach (var member in schema.EnumerateObject().Where(m => m.Name != "min" && m.Value.TryGetProperty("minimum", out _)))
        {
            var (least, most) = (member.Value.GetProperty("minimum").GetInt64(), member.Value.GetProperty("maximum").GetInt64());
            Assert.Empty(Errors(section, member.Name, least).Concat(Errors(section, member.Name, most)));
            Assert.Contains($"from {least} to {most}", Assert.Single(Errors(section, member.Name, least - 1)), StringComparison.Ordinal);
            Assert.Contains($"from {least} to {most}", Assert.Single(Errors(section, member.Name, most + 1)), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("language", typeof(FunctionLanguage))]
    [InlineData("isolation", typeof(Isolation))]
    [InlineData("retry", typeof(RetryPolicy))]
    public void ItsWordsAreThoseThatAreKnown(string member, Type words) =>
        Assert.Equal(Sorted(Enum.GetNames(words).Except([nameof(FunctionLanguage.Api), nameof(FunctionLanguage.Sandbox)]).Select(n => n.ToLowerInvariant())), Sorted(s_members.GetProperty(member).GetProperty("enum").EnumerateArray().Select(w => w.GetString()!)));

    [Fact]
    public void ItsDefaultsAreThoseOfTheCode()
    {
        var defaults = new FunctionManifest { Name = "x", Language = FunctionLanguage.Python };
        var limits = s_members.GetProperty("limits").GetProperty("properties");
        var pool = s_members.GetProperty("pool").GetProperty("properties");

        Assert.Equal((defaults.TimeoutSeconds, defaults.Concurrency), (Default(s_members, "timeoutSeconds"), Default(s_members, "concurrency")));
        Assert.Equal(
            (defaults.Limits.MemoryMiB, defaults.Limits.CpuMillis, defaults.Limits.Processes, defaults.Limits.ScratchMiB, defaults.Limits.ResultKiB, defaults.Limits.OutputKiB),
            (Default(limits, "memoryMiB"), Default(limits, "cpuMillis"), Default(limits, "processes"), Default(limits, "scratchMiB"), Default(limits, "resultKiB"), Default(limits, "outputKiB")));
        Assert.Equal((defaults.Pool.Min, defaults.Pool.Max, defaults.Pool.IdleSeconds), (Default(pool, "min"), Default(pool, "max"), Default(pool, "idleSeconds")));
    }

    [Fact]
    public void APoolsLeastIsNotAboveItsMost()
    {
        List<string> errors = [];

        ManifestRules.Check((JsonObject)JsonNode.Parse("""{"pool":{"min":9,"max":2}}""")!, errors);

        Assert.Equal(["pool.min: 9 is more than pool.max, 2"], errors);
    }

    [Theory]
    [InlineData("SHOP_TOKEN", true)]
    [InlineData("_a1", true)]
    [InlineData("1A", false)]
    [InlineData("a b", false)]
    [InlineData("A\\n", false)]
    public void ASecretsNameIsAVariables(string name, bool isRight)
    {
        List<string> errors = [];

        ManifestRules.Check((JsonObject)JsonNode.Parse($$"""{"secrets":["{{name}}"]}""")!, errors);

        Assert.Equal(isRight, errors.Count == 0);
    }

    private static List<string> Errors(string section, string member, long value)
    {
        List<string> errors = [];
        var text = section.Length == 0 ? $$"""{"{{member}}":{{value}}}""" : $$$"""{"{{{section}}}":{"{{{member}}}":{{{value}}}}}""";
        ManifestRules.Check((JsonObject)JsonNode.Parse(text)!, errors);
        return errors;
    }

    private static int Default(JsonElement members, string name) => members.GetProperty(name).GetProperty("default").GetInt32();

    private static string Known(JsonElement members) => Sorted(members.EnumerateObject().Select(m => m.Name).Where(n => n[0] != '$'));

    private static string Sorted(IEnumerable<string> names) => string.Join(' ', names.Order(StringComparer.Ordinal));
}
