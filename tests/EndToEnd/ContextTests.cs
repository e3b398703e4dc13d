using System.Text.Json;

using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>What a function does beside returning: it asks the user, in both eras, and calls other tools.</summary>
[Collection(InstanceTests.Name)]
public sealed class ContextTests(RunningInstance instance)
{
    private const string Code = """"
        from toolruntime import Context

        def ask_name(ctx: Context) -> str:
            """Asks for a name."""
            answer = ctx.elicit("Who is there?", {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]})
            return "Hello, " + answer.content["name"] if answer else "Hello, nobody"

        def add_one(a: float, ctx: Context) -> float:
            """Adds one, by the tool add."""
            return ctx.tools.call("add", a=a, b=1)

        def again_and_again(ctx: Context) -> int:
            """Calls itself."""
            return ctx.tools.call("again_and_again")
        """";

    [Theory]
    [InlineData(null)]
    [InlineData("2026-07-28")]
    [InlineData("2025-11-25")]
    [InlineData("2025-06-18")]
    public async Task AFunctionAsksTheUserOfItsCaller(string? revision)
    {
        await DeployAsync();
        var options = new McpClientOptions
        {
            ProtocolVersion = revision,
            Handlers = new McpClientHandlers { ElicitationHandler = Answer },
        };
        await using var client = await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions { Endpoint = instance.Mcp }), options);

        var result = await client.CallToolAsync("ask_name");

        Assert.NotEqual(true, result.IsError);
        Assert.Contains("Hello, Ada", result.Content.OfType<TextContentBlock>().Select(c => c.Text));
    }

    [Fact]
    public async Task ACallerThatCannotBeAskedGetsAClearFault()
    {
        await DeployAsync();

        var called = await instance.RunAsync("call", "ask_name");

        Assert.Equal(1, called.ExitCode);
        Assert.Contains("cannot be asked", called.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AToolCallsAToolAndACycleIsRefusedWithItsChain()
    {
        await DeployAsync();

        var added = await instance.DoAsync("call", "add_one", """{"a":41}""");
        var cycle = await instance.RunAsync("call", "again_and_again");

        Assert.Equal("42.0", added.Output.Trim());
        Assert.Equal(1, cycle.ExitCode);
        Assert.Contains("again_and_again -> again_and_again", cycle.Errors, StringComparison.Ordinal);
    }

    private static ValueTask<ElicitResult> Answer(ElicitRequestParams? request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ElicitResult
        {
            Action = "accept",
            Content = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["name"] = JsonSerializer.SerializeToElement("Ada") },
        });

    private async Task DeployAsync()
    {
        await instance.DoAsync("deploy", "functions/samples/add.py");
        await instance.DoAsync("deploy", instance.File("context.py", Code));
    }
}
