using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>An MCP server of others, deployed as a function: through us it gives what it gives directly.</summary>
public sealed class ServerAsFunctionTests(RunningInstance instance) : IClassFixture<RunningInstance>
{
    [Fact]
    public async Task ServerEverythingGivesThroughUsWhatItGivesDirectly()
    {
        await instance.DoAsync("deploy", "--mcp", "npx -y @modelcontextprotocol/server-everything@2026.8.31", "--name", "everything");

        var compared = await Npm.RunAsync("compare.mjs", instance.Mcp.ToString());

        Assert.True(compared.ExitCode == 0, compared.ToString());
        using var both = JsonDocument.Parse(compared.Output);
        var through = both.RootElement.GetProperty("through");
        Assert.NotEmpty(through.GetProperty("progress").EnumerateArray());
        foreach (var member in both.RootElement.GetProperty("direct").EnumerateObject())
        {
            if (member.Name == "progress")
            {
                // The client drops a progress that arrives in one read with the response, so how many it sees is chance.
                continue;
            }

            Assert.Equal(member.Value.GetRawText(), through.GetProperty(member.Name).GetRawText());
        }
    }
}
