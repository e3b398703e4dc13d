using System.Text.Json;

using Microsoft.AspNetCore.Http;

using ToolRuntime.E2b.Control;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Unit.E2b;

/// <summary>What the control plane makes of requests.</summary>
public sealed class ControlRequestsTests
{
    [Fact]
    public void DefaultsAreThoseOfTheGeneration()
    {
        var old = ControlRequests.Create(new NewSandbox(), "t", defaultTimeout: 15, isAlwaysSecure: false);
        var recent = ControlRequests.Create(new NewSandbox { TemplateId = "x" }, "t", defaultTimeout: 300, isAlwaysSecure: true);
        Assert.Equal((15, "base", false), (old.TimeoutSeconds, old.Template, old.Settings.IsSecure));
        Assert.Equal((300, "x", true), (recent.TimeoutSeconds, recent.Template, recent.Settings.IsSecure));
        Assert.Equal(("true", old.Id, "base"), (old.Environment["E2B_SANDBOX"], old.Environment["E2B_SANDBOX_ID"], old.Environment["E2B_TEMPLATE_ID"]));
        Assert.False(old.Egress.AllowsRest);
    }

    [Fact]
    public void NetworkRulesAreTakenAndShownWithoutSecrets()
    {
        var network = JsonElement.Parse("""{"allowOut":["a.com"],"denyOut":["0.0.0.0/0"],"rules":{"api.com":[{"transform":{"headers":{"Authorization":"Bearer s3cret"}}}]},"allowPublicTraffic":false,"maskRequestHost":"x:${PORT}"}""");
        var create = ControlRequests.Create(new NewSandbox { Network = network, AllowInternetAccess = true }, "t", 300, isAlwaysSecure: true);
        Assert.Equal(["a.com"], create.Egress.Allow);
        Assert.Equal(["0.0.0.0/0"], create.Egress.Deny);
        Assert.True(create.Egress.AllowsRest);
        Assert.Equal("Bearer s3cret", Assert.Single(create.Egress.Hosts).Headers["Authorization"]);
        Assert.DoesNotContain("s3cret", create.Egress.Shown!.Value.GetRawText(), StringComparison.Ordinal);
        Assert.False(create.Settings.HasPublicPorts);
        Assert.Equal("x:${PORT}", create.Settings.PortHost);
    }

    [Theory]
    [InlineData("{}", null, false)]
    [InlineData("{}", true, true)]
    [InlineData("""{"denyOut":["8.8.8.8"]}""", null, true)]
    [InlineData("""{"denyOut":["8.8.8.8"]}""", true, true)]
    [InlineData("""{"denyOut":["8.8.8.8"]}""", false, false)]
    [InlineData("""{"denyOut":["0.0.0.0/0"]}""", null, false)]
    [InlineData("""{"denyOut":["8.8.8.8"],"allowOut":["a.com"]}""", null, false)]
    [InlineData("""{"allow_internet_access":false}""", true, false)]
    [InlineData("""{"allow_internet_access":true,"denyOut":["8.8.8.8"]}""", false, true)]
    public void WhatNoListNamesIsOpenAsTheUpdateOrElseTheSandboxSays(string network, bool? made, bool isOpen) =>
        Assert.Equal(isOpen, ControlRequests.Network(JsonElement.Parse(network)).ToRules(made, shown: null).AllowsRest);

    [Theory]
    [InlineData("a=b")]
    [InlineData("")]
    [InlineData("nul\0")]
    public void NamesThatNoVariableCanHaveAreRefused(string name)
    {
        var error = Assert.Throws<FunctionFaultException>(() => ControlRequests.Create(new NewSandbox { EnvVars = new Dictionary<string, string> { [name] = "v" } }, "t", 300, isAlwaysSecure: true));
        Assert.Equal(FaultCode.InvalidArguments, error.Fault.Code);
    }

    [Fact]
    public void ListsAreFiltered()
    {
        var running = Record("a", SandboxState.Running, 10);
        var paused = Record("b", SandboxState.Paused, 20) with { Metadata = new Dictionary<string, string> { ["k y"] = "v=1" } };
        Assert.Equal([true, false], Matches("state=running", running, paused));
        Assert.Equal([true, true], Matches("state=running,paused", running, paused));
        Assert.Equal([false, true], Matches("metadata=k%2520y%3Dv%253D1", running, paused));
        Assert.Equal([false, true], Matches("startedAfter=1970-01-01T00:00:20Z", running, paused));
        Assert.Equal([false, false], Matches("template=other", running, paused));
    }

    [Fact]
    public void PagesFollowEachOther()
    {
        string[] all = ["a", "b", "c"];
        var (first, token) = ControlRequests.Page(Request("limit=2"), all, s => s);
        Assert.Equal(["a", "b"], first);
        var (second, end) = ControlRequests.Page(Request($"limit=2&nextToken={token}"), all, s => s);
        Assert.Equal(["c"], second);
        Assert.Null(end);
    }

    private static bool[] Matches(string query, params SandboxRecord[] records)
    {
        var filter = ControlRequests.Filter(Request(query), name => name);
        return [.. records.Select(filter)];
    }

    private static HttpRequest Request(string query)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString("?" + query);
        return context.Request;
    }

    private static SandboxRecord Record(string id, SandboxState state, int second) =>
        new() { Tenant = "t", Id = id, Template = "base", Image = "code", Runtime = "r", Home = "h", State = state, StartedAt = DateTimeOffset.FromUnixTimeSeconds(second) };
}
