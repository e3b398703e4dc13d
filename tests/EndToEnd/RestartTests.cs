using System.Text.Json;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>
/// A gateway that was started again knows no session of before: it says 404, upon which the specification asks a client of the old era to
/// initialize anew. The stateless era notices nothing.
/// </summary>
public sealed class RestartTests(RunningInstance instance) : IClassFixture<RunningInstance>
{
    [Theory]
    [InlineData("v1")]
    [InlineData("v2-legacy")]
    [InlineData("v2-auto")]
    public async Task ClientsGoOnAfterARestart(string client)
    {
        await instance.DoAsync("deploy", "functions/samples/add.py");

        var ran = await Npm.RunAsync("restart.mjs", client, instance.Mcp.ToString(), Path.Combine(Toolrt.Root, "toolrt"), instance.Data, $"{instance.Port}");

        Assert.True(ran.ExitCode == 0, ran.ToString());
        var said = ran.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(line => JsonElement.Parse(line).EnumerateObject().ToArray())
            .ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
        var hasSession = client != "v2-auto";
        Assert.Equal(hasSession, said["session"].GetBoolean());
        Assert.Equal(hasSession, said["fresh"].GetBoolean());
        Assert.Equal("3", JsonSerializer.Serialize(Sum(said["again"])));
        if (said.TryGetValue("refused", out var refused))
        {
            Assert.True(hasSession, refused.GetRawText());
            Assert.Contains("send initialize again", refused.GetRawText(), StringComparison.Ordinal);
        }
    }

    private static double Sum(JsonElement structured) =>
        structured.ValueKind == JsonValueKind.Object ? structured.GetProperty("result").GetDouble() : structured.GetDouble();
}
