using System.Text.Json.Nodes;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Sdk;

/// <summary>The samples do what they show.</summary>
public sealed class SampleTests
{
    [Theory, InlineData("add.py", "add"), InlineData("add.js", "default(a,b)"), InlineData("add.ts", "default(a,b)")]
    public async Task AddSaysTheSameInEachLanguageAndAdds(string file, string entry)
    {
        await using var worker = file.EndsWith(".py", StringComparison.Ordinal) ? await WorkerProcess.PythonAsync() : await WorkerProcess.NodeAsync();

        var tool = Assert.Single((await worker.LoadAsync(SdkFiles.Sample(file), inspect: true)).Body["tools"]!.AsArray())!;
        var answer = Assert.Single(await worker.CallAsync((string)tool["entry"]!, """{"a":1.5,"b":2}"""));

        Assert.Equal(3.5, (double)answer.Body["value"]!);
        Assert.Equal(
            $$$"""{"name":"add","description":"Adds two numbers.","inputSchema":{"type":"object","properties":{"a":{"type":"number","description":"The first number."},"b":{"type":"number","description":"The second number."}},"required":["a","b"],"additionalProperties":false},"outputSchema":{"type":"number"},"entry":"{{{entry}}}","streams":false}""",
            tool.ToJsonString());
    }

    [Fact]
    public async Task TheBookingAsksByAFormAndUsesItsAnswer()
    {
        await using var worker = await WorkerProcess.PythonAsync();
        await worker.LoadAsync(SdkFiles.Sample("book_table.py"));

        var call = await worker.BeginAsync("book_table", """{"restaurant":"Noma"}""");
        var question = await worker.ReceiveAsync();
        var reply = new JsonObject { ["id"] = question.Body["id"]!.DeepClone(), ["result"] = new JsonObject { ["action"] = "accept", ["content"] = new JsonObject { ["people"] = 2, ["time"] = "19:30" } } };
        await worker.SendAsync(WorkerFrameType.HostReply, call, reply);

        Assert.Equal(
            """{"type":"object","properties":{"people":{"type":"integer","description":"How many people come."},"time":{"type":"string","description":"When, such as 19:30."}},"required":["people","time"]}""",
            question.Body["params"]!["requestedSchema"]!.ToJsonString());
        Assert.Equal("Noma: a table for 2 at 19:30", (string?)(await worker.AnswerAsync(call))[^1].Body["value"]);
    }

    [Fact]
    public async Task TheTotalCallsAnotherTool()
    {
        await using var worker = await WorkerProcess.PythonAsync();
        await worker.LoadAsync(SdkFiles.Sample("total.py"));

        var call = await worker.BeginAsync("total", """{"numbers":[1,2]}""");
        for (var step = 0; step < 2; step++)
        {
            var question = await worker.ReceiveAsync();
            var given = question.Body["params"]!["arguments"]!;
            var sum = (double)given["a"]! + (double)given["b"]!;
            await worker.SendAsync(WorkerFrameType.HostReply, call, new JsonObject { ["id"] = question.Body["id"]!.DeepClone(), ["result"] = new JsonObject { ["value"] = sum } });
        }

        Assert.Equal(3, (double)(await worker.AnswerAsync(call))[^1].Body["value"]!);
    }

    [Fact]
    public async Task TheWordCountGoesOnFromItsCheckpoint()
    {
        await using var worker = await WorkerProcess.PythonAsync();
        await worker.LoadAsync(SdkFiles.Sample("count_words.py"));

        var frames = await worker.CallAsync("count_words", """{"pages":["a b","c","d e f"]}""", checkpoint: new JsonObject { ["page"] = 2, ["words"] = 3 });

        Assert.Equal([WorkerFrameType.Checkpoint, WorkerFrameType.Progress, WorkerFrameType.Result], frames.Select(frame => frame.Type));
        Assert.Equal(6, (int)frames[^1].Body["value"]!);
    }

    [Fact]
    public async Task TheForecastStreams()
    {
        await using var worker = await WorkerProcess.NodeAsync();
        await worker.LoadAsync(SdkFiles.Sample("weather.ts"));

        var frames = await worker.CallAsync("default(city,days,ctx)", """{"city":"Oslo","days":2}""", stream: true);

        Assert.Equal(
            [WorkerFrameType.Progress, WorkerFrameType.Output, WorkerFrameType.Progress, WorkerFrameType.Output, WorkerFrameType.Result],
            frames.Select(frame => frame.Type));
    }
}
