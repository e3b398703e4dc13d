namespace ToolRuntime.Tests.EndToEnd;

/// <summary>The official conformance suite against a running instance; its tools, resources and prompts are functions that run in sandboxes.</summary>
public sealed class ConformanceTests(RunningInstance instance) : IClassFixture<RunningInstance>
{
    private static readonly string[] s_tasks =
    [
        "tasks-lifecycle", "tasks-capability-negotiation", "tasks-wire-fields", "tasks-request-state-removal", "tasks-mrtr-input", "tasks-request-headers",
        "tasks-dispatch-and-envelope", "tasks-required-task-error", "tasks-mrtr-composition",
    ];

    private static readonly string s_fixtures = Path.Combine(Toolrt.Root, "tests", "EndToEnd", "conformance");

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task EveryScoredServerScenarioPasses(string requirements)
    {
        await instance.DoAsync("deploy", Path.Combine(s_fixtures, "tools.py"));
        await instance.DoAsync("deploy", Path.Combine(s_fixtures, "tasks.py"));
        await instance.DoAsync("deploy", Path.Combine(s_fixtures, "server"));

        var suite = await Npm.RunAsync("node_modules/@modelcontextprotocol/conformance/dist/index.js", "server", "--url", instance.Mcp.ToString(), "--requirements", requirements);

        Assert.True(suite.ExitCode == 0, suite.ToString());
        Assert.All(Scored(requirements), scenario => Assert.Contains($"✓ {scenario}", suite.Output, StringComparison.Ordinal));

        // Not scored, for the suite's own server cannot pass it yet.
        Assert.Matches("✓ json-schema-2020-12: [1-9][0-9]* passed, 0 failed", suite.Output);
        if (requirements == "2026-07-28")
        {
            // An extension's scenarios are never scored. The tenth, on notifications, checks nothing yet.
            Assert.All(s_tasks, scenario => Assert.Matches($"✓ {scenario}: [1-9][0-9]* passed, 0 failed", suite.Output));
        }
    }

    [Fact]
    public void NoProductCodeKnowsTheFixtures()
    {
        string[] product = ["functions", "bus", "sandbox", "runtime", "gateway", "keda", "cli"];
        string[] names = ["test_simple_text", "test_input_required", "test_missing_capability", "test_tool_with", "test_x_mcp_header", "test://", "slow_compute", "failing_job", "confirm_delete"];
        var knowing = from folder in product
                      from file in Directory.EnumerateFiles(Path.Combine(Toolrt.Root, folder), "*", SearchOption.AllDirectories)
                      where Path.GetExtension(file) is ".cs" or ".py" or ".mjs" or ".json" or ".c" && !IsBuilt(file)
                      let text = File.ReadAllText(file)
                      where names.Any(name => text.Contains(name, StringComparison.Ordinal))
                      select file;

        Assert.Empty(knowing);
    }

    private static bool IsBuilt(string file) => file.Split('/').Any(part => part is "bin" or "obj" or "node_modules");

    private static IReadOnlyList<string> Scored(string requirements)
    {
        var lines = File.ReadLines(Path.Combine(Npm.Folder, "node_modules", "@modelcontextprotocol", "conformance", "requirements", $"{requirements}.yaml"));
        string[] scored =
        [
            .. lines.SkipWhile(l => l != "server:").Skip(1).TakeWhile(l => l != "client:").Where(l => l.StartsWith("  - ", StringComparison.Ordinal)).Select(l => l[4..]),
        ];
        Assert.NotEmpty(scored);
        return scored;
    }
}
