using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;

using ToolRuntime.Sdk.Schemas;

namespace ToolRuntime.Tests.Unit.CSharp;

public sealed class SchemaTests
{
    public enum Color
    {
        Red,
        Green,
    }

    [Flags]
    public enum Rights
    {
        None = 0,
        Read = 1,
    }

    public static TheoryData<Type, string> Plain => new()
    {
        { typeof(string), """{"type":"string"}""" },
        { typeof(bool), """{"type":"boolean"}""" },
        { typeof(int), """{"type":"integer"}""" },
        { typeof(byte), """{"type":"integer","minimum":0,"maximum":255}""" },
        { typeof(ulong), """{"type":"integer","minimum":0}""" },
        { typeof(double), """{"type":"number"}""" },
        { typeof(decimal), """{"type":"number"}""" },
        { typeof(DateTime), """{"type":"string","format":"date-time"}""" },
        { typeof(DateTimeOffset), """{"type":"string","format":"date-time"}""" },
        { typeof(DateOnly), """{"type":"string","format":"date"}""" },
        { typeof(TimeSpan), """{"type":"string","format":"duration"}""" },
        { typeof(Guid), """{"type":"string","format":"uuid"}""" },
        { typeof(Uri), """{"type":"string","format":"uri-reference"}""" },
        { typeof(byte[]), """{"type":"string","contentEncoding":"base64"}""" },
        { typeof(Color), """{"type":"string","enum":["Red","Green"]}""" },
        { typeof(Rights), """{"type":"string"}""" },
        { typeof(int?), """{"type":["integer","null"]}""" },
        { typeof(Color?), """{"type":["string","null"],"enum":["Red","Green",null]}""" },
        { typeof(JsonElement), "{}" },
        { typeof(object), "{}" },
        { typeof(JsonObject), """{"type":"object"}""" },
        { typeof(int[]), """{"type":"array","items":{"type":"integer"}}""" },
        { typeof(List<string>), """{"type":"array","items":{"type":"string"}}""" },
        { typeof(IEnumerable<int?>), """{"type":"array","items":{"type":["integer","null"]}}""" },
        { typeof(IReadOnlyList<Color>), """{"type":"array","items":{"type":"string","enum":["Red","Green"]}}""" },
        { typeof(HashSet<int>), """{"type":"array","items":{"type":"integer"}}""" },
        { typeof(Dictionary<string, double>), """{"type":"object","additionalProperties":{"type":"number"}}""" },
        { typeof((int, string)), """{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"minItems":2,"maxItems":2}""" },
        { typeof(List<List<int>>), """{"type":"array","items":{"type":"array","items":{"type":"integer"}}}""" },
    };

    [Theory]
    [MemberData(nameof(Plain))]
    public void PlainTypesHaveTheirSchema(Type type, string expected) => AssertJson(expected, Of(type));

    [Fact]
    public void RecordsStandInDefinitionsAndMayRefertoThemselves() => AssertJson(
        """
        {"$ref":"#/$defs/Node","$defs":{"Node":{"type":"object","properties":{
          "name":{"type":"string","description":"What it is called."},
          "size":{"type":"integer","default":3},
          "next":{"anyOf":[{"$ref":"#/$defs/Node"},{"type":"null"}]},
          "tags":{"type":"array","items":{"type":["string","null"]}}},
          "required":["name","tags"],"additionalProperties":false}}}
        """,
        Of(typeof(Node)));

    [Fact]
    public void ClassesSayWhatIsRequired() => AssertJson(
        """
        {"$ref":"#/$defs/Settings","$defs":{"Settings":{"type":"object","properties":{
          "host":{"type":"string"},"port":{"type":"integer"},"note":{"type":["string","null"]}},
          "required":["host"],"additionalProperties":false}}}
        """,
        Of(typeof(Settings)));

    [Fact]
    public void TypesOfOneNameAreKeptApart()
    {
        var definitions = Of(typeof((First.Item, Second.Item)))["$defs"]!.AsObject();
        Assert.Equal(["Item", "Item2"], definitions.Select(d => d.Key));
    }

    public static TheoryData<Type, string> Untypable => new()
    {
        { typeof(Action), "delegate" },
        { typeof(Func<int>), "delegate" },
        { typeof(nint), "memory" },
        { typeof(Span<int>), "memory" },
        { typeof(int[,]), "dimension" },
        { typeof(Stream), "no data" },
        { typeof(Type), "no data" },
        { typeof(Task<int>), "no data" },
        { typeof(List<Action>), "delegate" },
        { typeof((int, int, int, int, int, int, int, int)), "7 items" },
        { typeof(HasDelegate), "HasDelegate.Run" },
        { typeof(IDisposable), "interface" },
    };

    [Theory]
    [MemberData(nameof(Untypable))]
    public void WhatIsNoDataIsRefusedWithWordsToMendIt(Type type, string reason)
    {
        var error = Assert.Throws<UntypableException>(() => Of(type));
        Assert.Contains(reason, error.What, StringComparison.Ordinal);
        Assert.NotEmpty(error.Mend);
    }

    private static JsonObject Of(Type type)
    {
        var writer = new SchemaWriter(member => ((DescriptionAttribute?)Attribute.GetCustomAttribute(member, typeof(DescriptionAttribute)))?.Description);
        return writer.Complete(writer.Returned(type, info: null));
    }

    private static void AssertJson(string expected, JsonObject actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());

    public sealed record Node([property: Description("What it is called.")] string Name, Node? Next, List<string?> Tags, int Size = 3);

    public sealed class Settings
    {
        public required string Host { get; init; }

        public int Port { get; init; } = 80;

        public string? Note { get; init; }
    }

    public sealed record HasDelegate(Action Run);

    public static class First
    {
        public sealed record Item(int A);
    }

    public static class Second
    {
        public sealed record Item(int B);
    }
}
