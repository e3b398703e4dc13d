using System.Text.Json.Nodes;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Sdk;

/// <summary>What a worker does with LOAD, CALL, CANCEL and the rest; the same for each language.</summary>
public sealed class BehaviourTests
{
    private const int OutputBytes = 100_000;

    [Theory, InlineData("python"), InlineData("node")]
    public async Task ACallGivesItsValueWithTheEnvironmentOfItsLoad(string language)
    {
        await using var worker = await LoadedAsync(language);

        Assert.Equal("5", Value(await worker.CallAsync("add", """{"a":2,"b":3}""")), StringComparer.Ordinal);
        Assert.Equal("\"yes\"", Value(await worker.CallAsync("environment")), StringComparer.Ordinal);
    }

    [Theory, InlineData("python", "ValueError: no \U0001f600"), InlineData("node", "RangeError: no \U0001f600")]
    public async Task WhatAFunctionThrowsIsItsErrorWithTheUsersFramesOnly(string language, string message)
    {
        await using var worker = await LoadedAsync(language);

        var error = Assert.Single(await worker.CallAsync("fail", """{"text":"no 😀"}""")).Body;

        Assert.Equal("FunctionThrew", (string?)error["code"]);
        Assert.Equal(message, (string?)error["message"]);
        Assert.Contains("behaviour.", (string?)error["detail"], StringComparison.Ordinal);
        Assert.DoesNotContain("functions/sdk", (string?)error["detail"], StringComparison.Ordinal);
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task AValueThatJsonCannotSayIsRefusedAndContentBlocksPass(string language)
    {
        await using var worker = await LoadedAsync(language);

        var error = Assert.Single(await worker.CallAsync("not_a_number")).Body;
        var content = Assert.Single(await worker.CallAsync("picture")).Body;

        Assert.Contains("NaN", (string?)error["message"], StringComparison.Ordinal);
        Assert.Equal("""{"content":[{"type":"image","data":"YWJj","mimeType":"image/png"},{"type":"text","text":"a caption"}]}""", content.ToJsonString());
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task PiecesComeWhileTheFunctionRunsAndTogetherAtTheEnd(string language)
    {
        await using var worker = await LoadedAsync(language);

        var frames = await worker.CallAsync("stream", """{"n":3}""", stream: true);
        var collected = await worker.CallAsync("stream", """{"n":3}""");
        var later = await worker.CallAsync("stream_later", """{"n":2}""", stream: true);
        var returned = await worker.CallAsync("stream_then_return", """{"n":2}""", stream: true);

        Assert.Equal(["0", "1", "2"], frames.Where(frame => frame.Type == WorkerFrameType.Output).Select(frame => frame.Body["value"]!.ToJsonString()));
        Assert.Equal("line 0\nline 1\nline 2\n", Printed(frames));
        Assert.Equal("[0,1,2]", Value(frames));
        Assert.Equal("[0,1,2]", Value(collected));
        Assert.DoesNotContain(collected, frame => frame.Type == WorkerFrameType.Output);
        Assert.Equal(["0", "1"], later.Where(frame => frame.Type == WorkerFrameType.Output).Select(frame => (string?)frame.Body["text"]));
        Assert.Equal("\"all\"", Value(returned));
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task PiecesWithoutEndThatNobodyStreamsAreRefused(string language)
    {
        await using var worker = await LoadedAsync(language);

        var error = Assert.Single(await worker.CallAsync("stream_much")).Body;

        Assert.Equal("OutputTooLarge", (string?)error["code"]);
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task TheContextSaysProgressLogsEmitsAndKeepsState(string language)
    {
        await using var worker = await LoadedAsync(language);

        var frames = await worker.CallAsync("events", stream: true, checkpoint: new JsonObject { ["at"] = 0 });

        Assert.Equal([WorkerFrameType.Progress, WorkerFrameType.Log, WorkerFrameType.Output, WorkerFrameType.Checkpoint, WorkerFrameType.Result], frames.Select(frame => frame.Type));
        Assert.Equal(
            [
                """{"progress":1,"total":2,"message":"half"}""",
                """{"stream":"log","level":"warning","text":"careful"}""",
                """{"value":{"piece":1}}""",
                """{"state":{"at":1}}""",
                """{"value":{"session":"session0000000000000","attempt":1,"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","previous":{"at":0}}}""",
            ],
            frames.Select(frame => frame.Body.ToJsonString()));
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task ToolsAreCalledThroughTheHostAndItsFaultsAreErrors(string language)
    {
        await using var worker = await LoadedAsync(language);

        var call = await worker.BeginAsync("call_tool", """{"name":"add"}""");
        var question = await worker.ReceiveAsync();
        await ReplyAsync(worker, question, new JsonObject { ["result"] = new JsonObject { ["value"] = 3 } });
        Assert.Equal("3", Value(await worker.AnswerAsync(call)));
        Assert.Equal("""{"method":"tools.call","params":{"name":"add","arguments":{"a":1,"b":2}}}""", Without(question.Body, "id"));

        call = await worker.BeginAsync("call_tool", """{"name":"none"}""");
        await ReplyAsync(worker, await worker.ReceiveAsync(), new JsonObject { ["fault"] = new JsonObject { ["code"] = "ToolNotFound", ["message"] = "no tool 'none'" } });
        Assert.Equal("ToolError: no tool 'none'", (string?)(await worker.AnswerAsync(call))[^1].Body["message"]);

        call = await worker.BeginAsync("events_later", "{}");
        Assert.Equal(WorkerFrameType.Progress, (await worker.ReceiveAsync()).Type);
        await ReplyAsync(worker, await worker.ReceiveAsync(), new JsonObject { ["result"] = new JsonObject { ["value"] = 3 } });
        Assert.Equal("4", Value(await worker.AnswerAsync(call)));
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task APersonIsAsked(string language)
    {
        await using var worker = await LoadedAsync(language);

        var call = await worker.BeginAsync("ask", "{}");
        var question = await worker.ReceiveAsync();
        await ReplyAsync(worker, question, new JsonObject { ["result"] = new JsonObject { ["action"] = "accept", ["content"] = new JsonObject { ["name"] = "Ada" } } });
        Assert.Equal("\"Ada\"", Value(await worker.AnswerAsync(call)));
        Assert.Equal("Your name?", (string?)question.Body["params"]!["message"]);

        call = await worker.BeginAsync("ask", "{}");
        await ReplyAsync(worker, await worker.ReceiveAsync(), new JsonObject { ["result"] = new JsonObject { ["action"] = "decline" } });
        Assert.Equal("\"decline\"", Value(await worker.AnswerAsync(call)));
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task SeveralThingsAreAskedAtOnceAndAnsweredByName(string language)
    {
        await using var worker = await LoadedAsync(language);

        var call = await worker.BeginAsync("ask_several", "{}");
        var question = await worker.ReceiveAsync();
        await ReplyAsync(worker, question, new JsonObject
        {
            ["result"] = new JsonObject
            {
                ["who"] = new JsonObject { ["action"] = "accept", ["content"] = new JsonObject { ["name"] = "Ada" } },
                ["roots"] = new JsonObject { ["roots"] = new JsonArray(new JsonObject { ["uri"] = "file:///a" }) },
            },
        });

        Assert.Equal("""["Ada",1]""", Value(await worker.AnswerAsync(call)));
        Assert.Equal("ask", (string?)question.Body["method"]);
        Assert.Equal("elicitation/create", (string?)question.Body["params"]!["requests"]!["who"]!["method"]);
        Assert.Equal("roots/list", (string?)question.Body["params"]!["requests"]!["roots"]!["method"]);
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task AGigabyteOfOutputIsBoundedAndSaysSo(string language)
    {
        await using var worker = await LoadedAsync(language);
        await worker.CallAsync("add", """{"a":1,"b":1}""");
        var before = worker.PeakKiB();

        var frames = await worker.CallAsync("print_much");

        Assert.Equal("\"printed\"", Value(frames));
        Assert.Equal(OutputBytes, Printed(frames).Length);
        Assert.Equal($"[output truncated after {OutputBytes} bytes]", (string?)frames[^2].Body["text"]);
        Assert.InRange(worker.PeakKiB() - before, 0, 32 * 1024);
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task NothingThatIsPrintedIsTakenForAFrame(string language)
    {
        await using var worker = await LoadedAsync(language);

        var frames = await worker.CallAsync("print_frames");

        Assert.Equal("\"honest\"", Value(frames));
        Assert.Equal("5", Value(await worker.CallAsync("add", """{"a":2,"b":3}""")));
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task CallsAtOnceKeepTheirOutputApart(string language)
    {
        await using var worker = await LoadedAsync(language);
        var names = Enumerable.Range(0, 8).Select(index => $"caller{index}").ToArray();
        var calls = new Dictionary<uint, string>();
        foreach (var name in names)
        {
            calls.Add(await worker.BeginAsync("print_parts", $$"""{"who":"{{name}}"}"""), name);
        }

        var printed = calls.Keys.ToDictionary(call => call, _ => "");
        var values = new Dictionary<uint, string>();
        while (values.Count < calls.Count)
        {
            var frame = await worker.ReceiveAsync();
            if (frame.Type == WorkerFrameType.Log)
            {
                printed[frame.Call] += (string?)frame.Body["text"];
            }
            else
            {
                values.Add(frame.Call, (string)frame.Body["value"]!);
            }
        }

        Assert.All(calls, call => Assert.Equal($"{call.Value} says hi\nno end of line", printed[call.Key]));
        Assert.Equal(calls.Values.Order(StringComparer.Ordinal), values.Values.Order(StringComparer.Ordinal));
    }

    [Theory, InlineData("python", "forever"), InlineData("python", "sleep"), InlineData("python", "spin"), InlineData("python", "ask"), InlineData("node", "forever"), InlineData("node", "sleep"), InlineData("node", "ask")]
    public async Task ACancelledCallAnswersAndTheWorkerGoesOn(string language, string function)
    {
        await using var worker = await LoadedAsync(language);

        var call = await worker.BeginAsync(function, function == "sleep" ? """{"seconds":1000}""" : "{}");
        await worker.ReceiveAsync();
        await worker.SendAsync(WorkerFrameType.Cancel, call, new JsonObject { ["reason"] = "cancelled" });
        var error = (await worker.AnswerAsync(call))[^1];

        Assert.Equal("Cancelled", (string?)error.Body["code"]);
        Assert.Equal("5", Value(await worker.CallAsync("add", """{"a":2,"b":3}""")));
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task ADeadlineIsNamedAndACancelThatComesLateIsIgnored(string language)
    {
        await using var worker = await LoadedAsync(language);

        var call = await worker.BeginAsync("forever", "{}");
        await worker.ReceiveAsync();
        await worker.SendAsync(WorkerFrameType.Cancel, call, new JsonObject { ["reason"] = "deadline" });
        Assert.Equal("DeadlineExceeded", (string?)(await worker.AnswerAsync(call))[^1].Body["code"]);

        await worker.SendAsync(WorkerFrameType.Cancel, call, new JsonObject { ["reason"] = "cancelled" });
        Assert.Equal("5", Value(await worker.CallAsync("add", """{"a":2,"b":3}""")));
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task AFunctionThatExitsEndsTheWorker(string language)
    {
        await using var worker = await LoadedAsync(language);

        await worker.BeginAsync("leave", "{}");

        Assert.Equal(7, await worker.ExitAsync());
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task AnUnknownFunctionIsALoadFault(string language)
    {
        await using var worker = await LoadedAsync(language);

        var error = Assert.Single(await worker.CallAsync("no_such"));

        Assert.Equal("LoadFailed", (string?)error.Body["code"]);
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task ShutdownEndsTheWorker(string language)
    {
        await using var worker = await LoadedAsync(language);

        await worker.SendAsync(WorkerFrameType.Shutdown, 0, []);

        Assert.Equal(0, await worker.ExitAsync());
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task LargeArgumentsAndResultsPassAndOneAboveTheFramesLimitIsRefused(string language)
    {
        await using var worker = await LoadedAsync(language);
        var text = string.Create(8 << 20, 0, (span, _) => span.Fill('ß'));

        Assert.Equal(text, (string?)Assert.Single(await worker.CallAsync("same", $$"""{"value":"{{text}}"}""")).Body["value"]);
        Assert.Equal("OutputTooLarge", (string?)Assert.Single(await worker.CallAsync("large", $$"""{"size":{{(64 << 20) + 1}}}""")).Body["code"]);
        Assert.Equal("5", Value(await worker.CallAsync("add", """{"a":2,"b":3}""")));
    }

    [Theory, InlineData("python"), InlineData("node")]
    public async Task FramesInPiecesOfAnySizeAreReadWhole(string language)
    {
        const int Calls = 200;
        var seed = TestSeed.Next();
        var random = new Random(seed);
        await using var worker = await LoadedAsync(language);
        var bytes = Enumerable.Range(1, Calls)
            .SelectMany(call => WorkerProcess.CallFrame((uint)call, "same", $$"""{"value":"{{new string('x', random.Next(0, 2_000))}}{{call}}"}"""))
            .ToArray();
        var sending = Task.Run(async () =>
        {
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(bytes.Length - at, random.Next(4) == 0 ? random.Next(1, 8) : random.Next(1, 100_000));
                await worker.WriteAsync(bytes.AsMemory(at, length));
                at += length;
            }
        });

        for (var index = 0; index < Calls; index++)
        {
            var frame = await worker.ReceiveAsync();
            Assert.True(((string?)frame.Body["value"])!.TrimStart('x') == frame.Call.ToString(), $"{TestSeed.Replay(seed)}: {frame}");
        }

        await sending;
    }

    private static async Task<WorkerProcess> LoadedAsync(string language)
    {
        var worker = language == "python" ? await WorkerProcess.PythonAsync() : await WorkerProcess.NodeAsync();
        var loaded = await worker.LoadAsync(SdkFiles.Behaviour(language == "python" ? "behaviour.py" : "behaviour.mjs"), outputBytes: OutputBytes);
        Assert.Equal(WorkerFrameType.Loaded, loaded.Type);
        return worker;
    }

    private static Task ReplyAsync(WorkerProcess worker, Frame question, JsonObject body)
    {
        Assert.Equal(WorkerFrameType.HostCall, question.Type);
        body["id"] = question.Body["id"]!.DeepClone();
        return worker.SendAsync(WorkerFrameType.HostReply, question.Call, body);
    }

    private static string Value(IReadOnlyList<Frame> frames)
    {
        Assert.True(frames[^1].Type == WorkerFrameType.Result, frames[^1].Body.ToJsonString());
        var value = frames[^1].Body["value"]!;
        return value is JsonValue number && number.TryGetValue<double>(out var real) ? real.ToString() : value.ToJsonString();
    }

    private static string Printed(IEnumerable<Frame> frames) =>
        string.Concat(frames.Where(frame => frame.Type == WorkerFrameType.Log && (string?)frame.Body["stream"] == "stdout").Select(frame => (string?)frame.Body["text"]));

    private static string Without(JsonObject body, string member)
    {
        body.Remove(member);
        return body.ToJsonString();
    }
}
