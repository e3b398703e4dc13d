using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>
/// MCP servers as functions, of the old era and of the new one alone, for clients of both: changed lists, updated resources, log lines,
/// questions and completions pass.
/// </summary>
public sealed class FederationTests(RunningInstance instance) : IClassFixture<RunningInstance>
{
    private static readonly string s_server = Path.Combine(Toolrt.Root, "tests", "EndToEnd", "servers", "changing");

    [Theory]
    [InlineData("legacy", "legacy")]
    [InlineData("legacy", "modern")]
    [InlineData("modern", "legacy")]
    [InlineData("modern", "modern")]
    public async Task WhatAServerSaysReachesClientsOfBothEras(string server, string client)
    {
        await DeployAsync(server);

        var said = await SayAsync(client, server);

        Assert.Equal([$"{server}_ask", $"{server}_grow", $"{server}_visit"], Names(said["before"]));
        Assert.Equal($"changing://{server}/place", said["updated"].GetString());
        Assert.Matches("^visited [1-9][0-9]* times$", said["read"].GetString());
        Assert.Equal("Hello, Ada", said["ask"].GetString());
        Assert.Equal(["green", "grey"], Names(said["completed"]));
        Assert.Equal([$"{server}_ask", $"{server}_grow", $"{server}_grown", $"{server}_visit"], Names(said["after"]));
        Assert.Equal("grown", said["grown"].GetString());
        if (client == "modern")
        {
            Assert.Equal([$"changing://{server}/place"], Names(said["honoured"]));
        }
        else
        {
            Assert.Equal("warning", said["message"].GetString());
        }
    }

    [Theory]
    [InlineData("legacy")]
    [InlineData("modern")]
    public async Task WhatServerEverythingSaysReachesClientsOfBothEras(string client)
    {
        await instance.DoAsync("deploy", "--mcp", "npx -y @modelcontextprotocol/server-everything@2026.8.31", "--name", "everything");

        var said = await SayAsync(client, "everything");

        Assert.Equal("demo://resource/dynamic/text/1", said["updated"].GetString());
        Assert.Contains("Sales", Names(said["completed"]));
        Assert.Equal(client == "legacy", said.ContainsKey("message"));
    }

    /// <summary>A fresh copy, and so a fresh server, for each test.</summary>
    private async Task DeployAsync(string era)
    {
        var folder = Directory.CreateDirectory(Path.Combine(instance.Data, "files", Guid.NewGuid().ToString("n"))).FullName;
        foreach (var file in Directory.EnumerateFiles(s_server))
        {
            var text = await File.ReadAllTextAsync(file);
            var name = Path.GetFileName(file);
            await File.WriteAllTextAsync(Path.Combine(folder, name), name == "toolruntime.json" ? text.Replace("modern", era) : $"{text}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "fresh.txt"), folder);
        await instance.DoAsync("deploy", folder, "--name", $"changing-{era}");
    }

    private async Task<Dictionary<string, JsonElement>> SayAsync(string era, string prefix)
    {
        var run = await Npm.RunAsync("federation.mjs", era, prefix, instance.Mcp.ToString());
        Assert.True(run.ExitCode == 0, run.ToString());
        return run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(line => JsonElement.Parse(line).EnumerateObject().ToArray())
            .ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
    }

    private static IEnumerable<string?> Names(JsonElement list) => list.EnumerateArray().Select(n => n.GetString());
}
