using System.Text.Json;
using System.Threading.Channels;

using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace ToolRuntime.Tests.EndToEnd;

/// <summary>The samples that show everything of <c>ctx</c>, deployed and called in both eras.</summary>
[Collection(InstanceTests.Name)]
public sealed class SampleTests(RunningInstance instance)
{
    private const string Secret = "tour-token-17";

    [Theory]
    [InlineData("tour.py", "tour_python", null)]
    [InlineData("tour.py", "tour_python", "2025-11-25")]
    [InlineData("tour.mjs", "tour_node", null)]
    [InlineData("tour.sh", "tour_shell", null)]
    [InlineData("tour.sh", "tour_shell", "2025-11-25")]
    [InlineData("tour.csx", "tour_csharp", null)]
    public async Task TheTourShowsWhatItSays(string file, string tool, string? revision)
    {
        var set = await Toolrt.RunAsync(instance.Data, Secret, ["secrets", "set", "TOUR_TOKEN"]);
        Assert.True(set.ExitCode == 0, set.ToString());
        await instance.DoAsync("deploy", "functions/samples/add.py");
        await instance.DoAsync("deploy", $"functions/samples/{file}", "--secret", "TOUR_TOKEN");
        var heard = Channel.CreateUnbounded<string>();
        var options = new McpClientOptions { ProtocolVersion = revision, Handlers = new McpClientHandlers { ElicitationHandler = Answer } };
        await using var client = await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions { Endpoint = instance.Mcp }), options);

        var result = await client.CallToolAsync(tool, progress: new Heard(heard.Writer));

        Assert.True(result.IsError is not true, string.Join('\n', result.Content.OfType<TextContentBlock>().Select(c => c.Text)));
        Assert.Equal($$"""{"name":"Ada","place":"Turin","sum":3,"secret":{{Secret.Length}}}""", Plain(result.StructuredContent));

        // The client hands notifications on without an order, and not before the result; a wait for a sandbox is one too.
        using var deadline = new CancellationTokenSource(Toolrt.Deadline);
        var said = new HashSet<string>(StringComparer.Ordinal);
        while (!said.IsSupersetOf(["begun", "a piece"]))
        {
            said.Add(await heard.Reader.ReadAsync(deadline.Token));
        }
    }

    [Fact]
    public async Task WhatTheTourLogsIsInItsLogs()
    {
        await instance.DoAsync("deploy", instance.File("logs_a_line.sh", "# Logs.\nctx log warning 'a line for the log'\n"));
        await instance.DoAsync("call", "logs_a_line");

        await instance.LogsAsync("logs_a_line", "a line for the log");
    }

    /// <summary>The same text however numbers are written: 3 and 3.0 are one value.</summary>
    private static string Plain(JsonElement? value) => JsonSerializer.Serialize(new
    {
        name = value!.Value.GetProperty("name").GetString(),
        place = value.Value.GetProperty("place").GetString(),
        sum = value.Value.GetProperty("sum").GetDouble(),
        secret = value.Value.GetProperty("secret").GetInt32(),
    });

    private static ValueTask<ElicitResult> Answer(ElicitRequestParams? request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ElicitResult
        {
            Action = "accept",
            Content = request?.Message == "Where?" ? Form("place", "Turin") : Form("name", "Ada"),
        });

    private static Dictionary<string, JsonElement> Form(string name, string value) =>
        new(StringComparer.Ordinal) { [name] = JsonSerializer.SerializeToElement(value) };

    private sealed class Heard(ChannelWriter<string> writer) : IProgress<ProgressNotificationValue>
    {
        public void Report(ProgressNotificationValue value) => writer.TryWrite(value.Message ?? "");
    }
}
