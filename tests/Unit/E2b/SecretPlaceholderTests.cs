using System.Text.Json;

using ToolRuntime.E2b.Control;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Unit.E2b;

/// <summary>What the SDKs' <c>Secret.fill</c> writes into <c>network.rules</c>, and what it becomes.</summary>
public sealed class SecretPlaceholderTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("Bearer ${e2b.secrets.openai-api-key}", "Bearer ${secret:openai-api-key}")]
    [InlineData("${e2b.secrets.OpenAI.Key_1}", "${secret:openai.key_1}")]
    [InlineData("${e2b.secrets.a}:${e2b.secrets.b};v=1", "${secret:a}:${secret:b};v=1")]
    [InlineData("$e2b.secrets.a ${other.secrets.a}", "$e2b.secrets.a ${other.secrets.a}")]
    public void APlaceholderNamesTheSecret(string written, string expected) => Assert.Equal(expected, HeaderOf(JsonSerializer.Serialize(written)));

    [Theory]
    [InlineData("\"${e2b.secrets.no good}\"", FaultCode.InvalidArguments, "'no good'")]
    [InlineData("\"${e2b.secrets.}\"", FaultCode.InvalidArguments, "''")]
    [InlineData("\"${e2b.secrets.sec_abc}\"", FaultCode.InvalidArguments, "'sec_abc'")]
    [InlineData("\"${e2b.secrets.a\"", FaultCode.InvalidArguments, "begins no placeholder")]
    [InlineData("\"${e2b.secrets.${e2b.secrets.a}}\"", FaultCode.InvalidArguments, "begins no placeholder")]
    [InlineData("\"${e2b.other.a}\"", FaultCode.InvalidArguments, "${e2b.other.a}")]
    [InlineData("null", FaultCode.InvalidArguments, "has no value")]
    [InlineData("\"${e2b.identity.tokens.aws}\"", FaultCode.NotSupported, "identity tokens")]
    public void WhatStandsForNothingIsRefusedAndSaysWhere(string written, FaultCode code, string said)
    {
        var error = Assert.Throws<FunctionFaultException>(() => HeaderOf(written));

        Assert.Equal(code, error.Fault.Code);
        Assert.Contains("header 'Authorization' of 'api.example'", error.Fault.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Fault.Message, StringComparison.Ordinal);
    }

    private static string HeaderOf(string json)
    {
        var network = JsonElement.Parse($$"""{"rules":{"api.example":[{"transform":{"headers":{"Authorization":{{json}} } } }]} }""");
        return Assert.Single(ControlRequests.Network(network).ToRules(internet: null, network).Hosts).Headers["authorization"];
    }
}
