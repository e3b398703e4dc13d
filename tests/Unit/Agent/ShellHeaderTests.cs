using System.Text.Json.Nodes;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Sandbox.Agent.Shell;

namespace ToolRuntime.Tests.Unit.Agent;

/// <summary>The comment at the head of a shell script: what it gives, and what is refused with its line.</summary>
public sealed class ShellHeaderTests
{
    private static readonly string[] s_types = ["string", "number", "integer", "boolean", "object", "array", "number[]", "\"a\"|\"b\"", "{\"type\":\"string\",\"maxLength\":3}"];

    [Theory]
    [InlineData("@param a", """{"a":{"type":"string"}}""", true)]
    [InlineData("@param a {number} What it is.", """{"a":{"type":"number","description":"What it is."}}""", true)]
    [InlineData("@param a {string} - What it is.", """{"a":{"type":"string","description":"What it is."}}""", true)]
    [InlineData("@param [a] {boolean}", """{"a":{"type":"boolean"}}""", false)]
    [InlineData("@param [a=1.5] {number}", """{"a":{"type":"number","default":1.5}}""", false)]
    [InlineData("@param [a=some words] {string}", """{"a":{"type":"string","default":"some words"}}""", false)]
    [InlineData("@param [ a = 2 ] {integer} About.", """{"a":{"type":"integer","description":"About.","default":2}}""", false)]
    [InlineData("@param a {string[][]}", """{"a":{"type":"array","items":{"type":"array","items":{"type":"string"}}}}""", true)]
    [InlineData("@param a {\"x\"|\"y\"|3}", """{"a":{"enum":["x","y",3]}}""", true)]
    [InlineData("@param a {{\"type\":\"string\",\"pattern\":\"^a{2}$\"}} Two.", """{"a":{"type":"string","pattern":"^a{2}$","description":"Two."}}""", true)]
    public void AParameterHasItsSchema(string line, string properties, bool required)
    {
        var tool = Read($"# Does.\n# {line}\n");

        Assert.Equal(properties, tool["inputSchema"]!["properties"]!.ToJsonString());
        Assert.Equal(required ? 1 : 0, tool["inputSchema"]!["required"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("@returns {number} The sum.", """{"type":"number","description":"The sum."}""")]
    [InlineData("@returns {string} Text is the default.", null)]
    [InlineData("@returns {{\"type\":\"object\"}}", """{"type":"object"}""")]
    [InlineData("@returns {{\"type\":[\"string\",\"null\"]}}", """{"type":["string","null"]}""")]
    public void AResultHasItsSchema(string line, string? schema) => Assert.Equal(schema, Read($"# Does.\n# {line}\n")["outputSchema"]?.ToJsonString());

    [Fact]
    public void TheNameComesFromTheFileUnlessTheHeaderSaysIt()
    {
        Assert.Equal("my_tool", (string?)Read("# Does.\n", "my tool.sh")["name"]);
        Assert.Equal("other", (string?)Read("# Does.\n# @name other\n", "my tool.sh")["name"]);
        Assert.True((bool)Read("# Does.\n# @streams\n")["streams"]!);
        Assert.Equal("One.\n\nTwo.", (string?)Read("#!/bin/bash\n# One.\n#\n# Two.\necho\n# not this\n")["description"]);
    }

    [Theory]
    [InlineData("echo hi\n", 1, "no description")]
    [InlineData("#!/usr/bin/env bash\n\n# Too late.\n", 1, "no description")]
    [InlineData("# Does.\n# @param x {strnig} It.\n", 2, "'strnig' is no type")]
    [InlineData("# Does.\n# @param 1x\n", 2, "not understood")]
    [InlineData("# Does.\n# @param x\n# @param x\n", 3, "two parameters 'x'")]
    [InlineData("# Does.\n# @param [x=y] {number}\n", 2, "'y' is no JSON")]
    [InlineData("# Does.\n# @param x {{\"type\":}}\n", 2, "is no JSON")]
    [InlineData("# Does.\n# @param x {{\"a\":1,\"a\":2}}\n", 2, "is no JSON")]
    [InlineData("# Does.\n# @returns number\n", 2, "not understood")]
    [InlineData("# Does.\n# @name no spaces please\n", 2, "no tool's name")]
    [InlineData("# Does.\n# @frob x\n", 2, "'@frob' is not known")]
    public void WhatCannotBeUnderstoodIsRefusedWithItsLine(string script, int line, string message)
    {
        var refused = Assert.Throws<ShellHeaderException>(() => Read(script));

        Assert.Equal(line, refused.Line);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnyTextIsReadOrRefusedAndNothingElse() =>
        Prop.ForAll(Arb.From(Scripts()), script =>
        {
            try
            {
                _ = Read(script).ToJsonString();
                return true;
            }
            catch (ShellHeaderException refused)
            {
                return refused.Line >= 1 && refused.Line <= script.Split('\n').Length && refused.Message.Length > 0;
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void WhatIsWrittenAsAParameterComesBackInItsOrder() =>
        Prop.ForAll<(byte Type, bool Optional, NonEmptyString About)[]>(parameters =>
        {
            var lines = parameters.Select((p, i) => $"# @param {(p.Optional ? $"[p{i}]" : $"p{i}")} {{{s_types[p.Type % s_types.Length]}}} About {i}.");
            var schema = Read("# Does.\n" + string.Join('\n', lines))["inputSchema"]!;
            return schema["properties"]!.AsObject().Select(p => p.Key).SequenceEqual(parameters.Select((_, i) => $"p{i}"))
                && schema["properties"]!.AsObject().All(p => ((string?)p.Value!["description"])!.StartsWith("About", StringComparison.Ordinal))
                && schema["required"]!.AsArray().Count == parameters.Count(p => !p.Optional);
        }).QuickCheckThrowOnFailure();

    private static JsonObject Read(string script, string file = "tool.sh") => ShellHeader.Read(script, file).ToDefinition(file);

    /// <summary>Headers out of the pieces that the reader knows, and of any text.</summary>
    private static Gen<string> Scripts()
    {
        var pieces = Gen.OneOf(
            Gen.Elements("#", "# ", "\n", "@param", "@returns", "@name", "@streams", " ", "[", "]", "=", "{", "}", "|", "\"", "[]", "a", "number", "object", "{}", "null", "-", "\r", "#!"),
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get));
        return from count in Gen.Choose(0, 40)
               from parts in pieces.ArrayOf(count)
               select "# Does.\n# " + string.Concat(parts);
    }
}
