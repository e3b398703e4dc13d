using System.Diagnostics;
using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>The npm clients of both generations, and the Inspector: list, call, progress, list_changed.</summary>
[Collection(InstanceTests.Name)]
public sealed class OfficialClientTests(RunningInstance instance)
{
    /// <summary>A client drops a progress that arrives in one read with the response, so the function waits until its caller has heard all.</summary>
    private const string Count = """"
        import threading

        _heard = threading.Event()

        def count(to: int, ctx) -> int:
            """Counts."""
            _heard.clear()
            for i in range(to):
                ctx.progress(i + 1, to)
            _heard.wait()
            return to

        def heard() -> bool:
            """Lets count return."""
            _heard.set()
            return True
        """";

    [Theory]
    [InlineData("v1")]
    [InlineData("v2-legacy")]
    [InlineData("v2-auto")]
    [InlineData("v2-pin")]
    public async Task AnOfficialClientListsCallsAndHearsProgress(string client)
    {
        await DeployAsync();

        var ran = await Npm.RunAsync("client.mjs", client, instance.Mcp.ToString());

        Assert.True(ran.ExitCode == 0, ran.ToString());
        var seen = ran.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Contains("add", seen[0].GetProperty("tools").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal(3, Number(seen[1].GetProperty("add")));
        Assert.False(seen[2].GetProperty("count").GetProperty("isError").GetBoolean());
        Assert.Equal([1, 2, 3], seen[2].GetProperty("count").GetProperty("progress").EnumerateArray().Select(p => p.GetInt32()));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2-auto")]
    public async Task ADeployIsHeardAsListChanged(string client)
    {
        await DeployAsync();
        await Npm.InstalledAsync();
        var name = $"late_{Guid.NewGuid():n}"[..20];
        using var listener = Process.Start(new ProcessStartInfo(Npm.Node, ["client.mjs", client, instance.Mcp.ToString(), name])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            WorkingDirectory = Npm.Folder,
        })!;
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        await LineAsync(listener, "listening", deadline.Token);

        await instance.DoAsync("deploy", instance.File($"{name}.py", $"def {name}() -> int:\n    \"\"\"Late.\"\"\"\n    return 1\n"));

        var changed = await LineAsync(listener, "changed", deadline.Token);
        Assert.Contains(name, changed.EnumerateArray().Select(t => t.GetString()));
        await listener.WaitForExitAsync(deadline.Token);
    }

    [Fact]
    public async Task TheInspectorListsAndCalls()
    {
        await DeployAsync();
        const string inspector = "node_modules/.bin/mcp-inspector";

        var listed = await Npm.RunAsync(inspector, "--cli", instance.Mcp.ToString(), "--transport", "http", "--method", "tools/list");
        var called = await Npm.RunAsync(inspector, "--cli", instance.Mcp.ToString(), "--transport", "http", "--method", "tools/call", "--tool-name", "add", "--tool-arg", "a=1", "b=2");

        Assert.True(listed.ExitCode == 0, listed.ToString());
        Assert.Contains("\"add\"", listed.Output, StringComparison.Ordinal);
        Assert.True(called.ExitCode == 0, called.ToString());
        Assert.Contains("3", called.Output, StringComparison.Ordinal);
    }

    private async Task DeployAsync()
    {
        await instance.DoAsync("deploy", "functions/samples/add.py");
        await instance.DoAsync("deploy", instance.File("count.py", Count));
    }

    private static async Task<JsonElement> LineAsync(Process process, string member, CancellationToken cancellationToken)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            var value = JsonDocument.Parse(line).RootElement;
            if (value.TryGetProperty(member, out var found))
            {
                return found;
            }
        }

        throw new InvalidOperationException($"the client ended before it said '{member}'");
    }

    private static double Number(JsonElement structured) =>
        structured.ValueKind == JsonValueKind.Object ? structured.GetProperty("result").GetDouble() : structured.GetDouble();
}
