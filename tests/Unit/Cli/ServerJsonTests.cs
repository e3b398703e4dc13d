using ToolRuntime.Cli.Output;
using ToolRuntime.Cli.Sources;

namespace ToolRuntime.Tests.Unit.Cli;

/// <summary>Descriptions of MCP registries (schema 2025-12-11) as servers to add.</summary>
public sealed class ServerJsonTests
{
    [Fact]
    public void AnNpmPackageGoesIntoASandboxAndItsSecretsAreAskedForByName()
    {
        var plan = ServerJson.Read(
            """
            {"server":{"name":"io.example/weather-tools","version":"1.2.0","packages":[{"registryType":"pypi","identifier":"w"},
             {"registryType":"npm","identifier":"@example/weather","version":"1.2.0","transport":{"type":"stdio"},
              "packageArguments":[{"type":"positional","value":"serve"},{"type":"named","name":"--units","default":"metric"}],
              "environmentVariables":[{"name":"WEATHER_KEY","isRequired":true,"isSecret":true},{"name":"REGION","isRequired":true},{"name":"LEVEL","default":"info"},{"name":"EXTRA"}]}]}}
            """,
            null);

        Assert.Equal("weather-tools", plan.Name);
        Assert.Equal(["npx", "-y", "@example/weather@1.2.0", "serve", "--units", "metric"], plan.Words);
        Assert.Equal(["WEATHER_KEY"], plan.Secrets);
        Assert.Equal(new Dictionary<string, string?> { ["REGION"] = null, ["LEVEL"] = "info" }, plan.Environment);
    }

    [Fact]
    public void ARemoteKeepsItsSecretsByReference()
    {
        var plan = ServerJson.Read(
            """
            {"name":"io.example/docs","remotes":[{"type":"sse","url":"https://docs.example/sse"},
             {"type":"streamable-http","url":"https://docs.example/mcp","headers":[{"name":"Authorization","value":"Bearer {api_key}","isSecret":true},{"name":"X-Key","isSecret":true,"isRequired":true},{"name":"X-Kind","value":"a"}]}]}
            """,
            "mine");

        Assert.Equal(("mine", "https://docs.example/mcp", "streamable-http"), (plan.Name, plan.Url, plan.Transport));
        Assert.Equal(new Dictionary<string, string> { ["Authorization"] = "Bearer secret:API_KEY", ["X-Key"] = "secret:X_KEY", ["X-Kind"] = "a" }, plan.Headers);
        Assert.Equal(["API_KEY", "X_KEY"], plan.Secrets);
    }

    [Fact]
    public void PlacesAreFilledInFromTheirVariables()
    {
        var remote = ServerJson.Read(
            """
            {"name":"io.example/docs","remotes":[{"type":"streamable-http","url":"https://{region}.docs.example/mcp","variables":{"region":{"default":"eu"}},
              "headers":[{"name":"X-Region","value":"r-{region}","variables":{"region":{"value":"eu"}}},{"name":"X-Level","default":"info"},{"name":"X-Key","value":"{key}","variables":{"key":{"isSecret":true,"default":"never"}}}]}]}
            """,
            null);
        var package = ServerJson.Read("""{"name":"a/b","packages":[{"registryType":"npm","identifier":"p","packageArguments":[{"type":"positional","value":"{folder}/x","variables":{"folder":{"default":"/data"}}}]}]}""", null);

        Assert.Equal("https://eu.docs.example/mcp", remote.Url);
        Assert.Equal(new Dictionary<string, string> { ["X-Region"] = "r-eu", ["X-Level"] = "info", ["X-Key"] = "secret:KEY" }, remote.Headers);
        Assert.Equal(["npx", "-y", "p", "/data/x"], package.Words);
    }

    [Theory]
    [InlineData("{", "is no JSON")]
    [InlineData("""{"name":"a/b","packages":[{"registryType":"oci","identifier":"x"}]}""", "no npm package that speaks stdio and no remote")]
    [InlineData("""{"name":"a/b","remotes":[{"type":"sse","url":"https://{tenant}.example/"}]}""", "has places to fill in")]
    public void WhatCannotRunHereIsRefused(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<CommandFailedException>(() => ServerJson.Read(json, null)).Message, StringComparison.Ordinal);
}
