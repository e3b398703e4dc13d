using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>What scripts rely on: <c>--json</c> and exit codes, as the table in docs/operations.md has them.</summary>
[Collection(InstanceTests.Name)]
public sealed class ScriptingTests(RunningInstance instance)
{
    private const string Code = "def scripted(n: int) -> int:\n    \"\"\"Says a line.\"\"\"\n    print('a line')\n    return 10 // n\n";

    [Theory]
    [InlineData("status", "version", "bus", "functions", "tools", "queued", "runtime")]
    [InlineData("tools", "tools")]
    [InlineData("tools scripted", "name", "description", "inputSchema", "outputSchema")]
    [InlineData("call scripted {\"n\":2}", "value")]
    [InlineData("secrets list", "secrets")]
    [InlineData("image list", "images")]
    public async Task JsonHasItsMembers(string command, params string[] members)
    {
        await DeployAsync();

        var json = await instance.JsonAsync(command.Split(' '));

        Assert.All(members, member => Assert.True(json.TryGetProperty(member, out _), $"{member}: {json.GetRawText()}"));
    }

    [Fact]
    public async Task DeploymentsAndLogsAreJsonToo()
    {
        var one = await DeployAsync();
        await DeployAsync(Code + "# another version\n");
        await instance.DoAsync("call", "scripted", """{"n":1}""");

        var back = await instance.JsonAsync("rollback", "scripted");
        var logs = await instance.LogsAsync("scripted", "a line", "--json");

        Assert.Equal(("scripted", 1), (one.GetProperty("name").GetString(), one.GetProperty("tools").GetArrayLength()));
        Assert.Equal(one.GetProperty("version").GetString(), back.GetProperty("version").GetString());
        var lines = logs.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToList();
        Assert.Contains(lines, line => line.GetProperty("text").GetString()!.Contains("a line", StringComparison.Ordinal) && line.TryGetProperty("at", out _) && line.TryGetProperty("stream", out _));
    }

    [Theory]
    [InlineData(0, "call scripted {\"n\":1}")]
    [InlineData(1, "call scripted {\"n\":0}")]
    [InlineData(1, "call scripted {\"n\":\"x\"}")]
    [InlineData(1, "call no_such_tool")]
    [InlineData(2, "call scripted {")]
    [InlineData(2, "deploy /no/such/file.py")]
    [InlineData(2, "no-such-verb")]
    [InlineData(2, "image export nobody /tmp/nobody.tar")]
    [InlineData(2, "image export base /no/such/folder/base.tar")]
    [InlineData(2, "image export base /tmp")]
    [InlineData(2, "init python --name 1x")]
    [InlineData(2, "tools --server ftp://example.com")]
    [InlineData(2, "up --nats foo")]
    [InlineData(2, "up --nats nats://user:secret@127.0.0.1:4222")]
    [InlineData(2, "up --config /no/such/host.json")]
    [InlineData(6, "logs no_such_function")]
    [InlineData(6, "rm no_such_function")]
    [InlineData(6, "rollback no_such_function")]
    [InlineData(6, "tools no_such_tool")]
    public async Task AnExitCodeSaysHowItEnded(int code, string command)
    {
        await DeployAsync();

        var ended = await instance.RunAsync(command.Split(' '));

        Assert.True(ended.ExitCode == code, ended.ToString());
        Assert.True(code == 0 || ended.Errors.Length > 0, ended.ToString());
    }

    [Fact]
    public async Task ADeployThatIsRefusedAndAnInstanceThatIsNotThereHaveTheirCodes()
    {
        var empty = Directory.CreateTempSubdirectory("toolrt-nothing-").FullName;

        var refused = await instance.RunAsync("deploy", instance.File("broken.py", "def broken(:\n"));
        var ended = await Toolrt.RunAsync(empty, "down");

        Assert.Equal((6, 0), (refused.ExitCode, ended.ExitCode));
        foreach (var verb in (string[])["status", "tools", "call x", "deploy functions/samples/add.py", "logs x", "rm x", "rollback x", "secrets list", "stdio"])
        {
            var away = await Toolrt.RunAsync(empty, verb.Split(' '));
            Assert.True(away.ExitCode == 5, $"{verb}: {away}");
        }
    }

    [Fact]
    public async Task TheTableNamesEveryVerb()
    {
        var table = await File.ReadAllTextAsync(Path.Combine(Toolrt.Root, "docs", "operations.md"));
        var help = await instance.DoAsync("--help");
        var verbs = help.Output.Split('\n').SkipWhile(l => !l.StartsWith("Commands:", StringComparison.Ordinal)).Skip(1)
            .Where(l => l.StartsWith("  ", StringComparison.Ordinal) && !l.StartsWith("   ", StringComparison.Ordinal))
            .Select(l => l.Trim().Split(' ')[0])
            .ToList();

        Assert.NotEmpty(verbs);
        Assert.All(verbs, verb => Assert.Contains($"| `{verb}` |", table, StringComparison.Ordinal));
    }

    private async Task<JsonElement> DeployAsync(string code = Code) => await instance.JsonAsync("deploy", instance.File("scripted.py", code));
}
