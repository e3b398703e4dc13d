using System.Text.Json;

using ModelContextProtocol.Client;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>What the README promises: deploy a file, list it, call it.</summary>
[Collection(InstanceTests.Name)]
public sealed class FirstToolTests(RunningInstance instance)
{
    [Fact]
    public async Task AFileBecomesAToolThatTheTerminalCalls()
    {
        await instance.DoAsync("deploy", "functions/samples/add.py");

        var called = await instance.DoAsync("call", "add", """{"a":1,"b":2}""");

        Assert.Equal("3.0", called.Output.Trim());
    }

    [Fact]
    public async Task TheOfficialClientSeesSchemasAndStructuredContent()
    {
        await instance.DoAsync("deploy", "functions/samples/add.py");
        await using var client = await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions { Endpoint = instance.Mcp }));

        var add = (await client.ListToolsAsync()).Single(t => t.Name == "add");
        var result = await add.CallAsync(new Dictionary<string, object?>(StringComparer.Ordinal) { ["a"] = 40, ["b"] = 2.5 });

        Assert.Equal(["a", "b"], add.JsonSchema.GetProperty("required").EnumerateArray().Select(r => r.GetString()));
        Assert.Equal("number", add.JsonSchema.GetProperty("properties").GetProperty("a").GetProperty("type").GetString());
        Assert.NotEqual(true, result.IsError);
        Assert.Equal(42.5, Number(JsonSerializer.SerializeToElement(result.StructuredContent)));
    }

    [Fact]
    public async Task ArgumentsThatDoNotFitAreAToolErrorThatNamesThePath()
    {
        await instance.DoAsync("deploy", "functions/samples/add.py");

        var called = await instance.RunAsync("call", "add", """{"a":1,"b":"two"}""");

        Assert.Equal(1, called.ExitCode);
        Assert.Contains("/b", called.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFailedDeployLeavesTheOldVersionAndRollbackBringsBackTheEarlier()
    {
        await instance.DoAsync("deploy", instance.File("versioned.py", "def versioned() -> int:\n    \"\"\"One.\"\"\"\n    return 1\n"));
        await instance.DoAsync("deploy", instance.File("versioned.py", "def versioned() -> int:\n    \"\"\"Two.\"\"\"\n    return 2\n"));
        var broken = await instance.RunAsync("deploy", instance.File("versioned.py", "def versioned( -> int:\n    return 3\n"));
        var second = await instance.DoAsync("call", "versioned");
        await instance.DoAsync("rollback", "versioned");
        var first = await instance.DoAsync("call", "versioned");

        Assert.Equal(6, broken.ExitCode);
        Assert.Contains("versioned.py", broken.Errors, StringComparison.Ordinal);
        Assert.Equal("2", second.Output.Trim());
        Assert.Equal("1", first.Output.Trim());
    }

    private static double Number(JsonElement structured) =>
        structured.ValueKind == JsonValueKind.Object ? structured.GetProperty("result").GetDouble() : structured.GetDouble();
}
