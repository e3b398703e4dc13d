using System.Text.Json.Nodes;

using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Tests.Integration.Sdk;

/// <summary>What only the Python worker does.</summary>
public sealed class PythonTests
{
    [Fact]
    public async Task AForkedChildAnswersNothing()
    {
        await using var worker = await WorkerProcess.PythonAsync();
        await worker.LoadAsync(SdkFiles.Behaviour("behaviour.py"));

        Assert.Equal("parent", (string?)Assert.Single(await worker.CallAsync("forked")).Body["value"]);
        Assert.Equal("parent", (string?)Assert.Single(await worker.CallAsync("forked")).Body["value"]);
    }

    [Theory]
    [InlineData("""{"a":1}""", "arguments.b: required, but not given")]
    [InlineData("""{"a":1,"b":2,"c":3}""", "arguments.c: the tool has no such parameter")]
    [InlineData("""{"a":1,"b":"x"}""", "arguments.b: 'x' is not a number")]
    [InlineData("[]", "arguments: must be a JSON object")]
    public async Task ArgumentsThatDoNotFitNameThePath(string arguments, string message)
    {
        await using var worker = await WorkerProcess.PythonAsync();
        await worker.LoadAsync(SdkFiles.Sample("add.py"));

        var error = Assert.Single(await worker.CallAsync("add", arguments)).Body;

        Assert.Equal("InvalidArguments", (string?)error["code"]);
        Assert.Equal(message, (string?)error["message"]);
    }

    [Fact]
    public async Task ArgumentsBecomeWhatTheAnnotationsSay()
    {
        await using var worker = await WorkerProcess.PythonAsync();
        await worker.LoadAsync(SdkFiles.Behaviour("arguments.py"));
        const string Arguments = """
            {"root":{"value":1,"children":[{"value":2}]},"when":"2026-01-02T03:04:05Z","color":"red","amount":1.10,
             "id":"12345678-1234-5678-1234-567812345678","data":"YWJj","unique":[1,1],"pair":[1,"a"],"by_number":{"3":1.5},"either":null,"whole":2.0}
            """;

        var frames = await worker.CallAsync("describe", Arguments);

        Assert.Equal(
            "Node(value=1, children=[Node(value=2, children=[])]) 2026-01-02 03:04:05+00:00 Color.RED 1.1 UUID b'abc' {1} (1, 'a') {3: 1.5} None 2",
            (string?)Assert.Single(frames).Body["value"]);
        var error = Assert.Single(await worker.CallAsync("describe", Arguments.Replace("\"value\":2", "\"valu\":2", StringComparison.Ordinal))).Body;
        Assert.Equal("arguments.root.children[0].value: required, but not given", (string?)error["message"]);
    }

    [Fact]
    public async Task CallsAboveTheConcurrencyWaitForTheirTurn()
    {
        await using var worker = await WorkerProcess.PythonAsync();
        await worker.LoadAsync(SdkFiles.Behaviour("behaviour.py"), concurrency: 2);
        var calls = new List<uint>();
        for (var index = 0; index < 3; index++)
        {
            calls.Add(await worker.BeginAsync("sleep", """{"seconds":1000}"""));
        }

        Assert.Equal(calls[..2], new[] { await worker.ReceiveAsync(), await worker.ReceiveAsync() }.Select(frame => frame.Call).Order());
        await worker.SendAsync(WorkerFrameType.Cancel, calls[0], new JsonObject { ["reason"] = "cancelled" });
        Assert.Equal(calls[0], (await worker.ReceiveAsync()).Call);
        var third = await worker.ReceiveAsync();
        Assert.Equal((calls[2], WorkerFrameType.Log), (third.Call, third.Type));
    }

    [Fact]
    public async Task AThreadPrintsForTheCallThatStartedItAndForNobodyAfterItsEnd()
    {
        await using var worker = await WorkerProcess.PythonAsync();
        await worker.LoadAsync(SdkFiles.Behaviour("behaviour.py"));

        var frames = await worker.CallAsync("thread_prints");
        Assert.Equal("from a thread\n", (string?)frames[0].Body["text"]);

        Assert.Equal("ended", (string?)Assert.Single(await worker.CallAsync("print_later")).Body["value"]);
        Assert.Equal("released", (string?)Assert.Single(await worker.CallAsync("release")).Body["value"]);
    }

    [Fact]
    public async Task ALackOfThreadsMakesCallsWaitAndLosesNone()
    {
        await using var worker = await WorkerProcess.StartAsync("bash", "-c", "ulimit -v 80000; exec python3 \"$1\"", "worker", Path.Combine(SdkFiles.Sdk, "python", "worker.py"));
        await worker.LoadAsync(SdkFiles.Behaviour("behaviour.py"), concurrency: 64);
        var open = new HashSet<uint>();
        for (var index = 0; index < 64; index++)
        {
            open.Add(await worker.BeginAsync("print_parts", """{"who":"x"}"""));
        }

        while (open.Count > 0)
        {
            var frame = await worker.ReceiveAsync();
            Assert.NotEqual(WorkerFrameType.Error, frame.Type);
            _ = frame.Type == WorkerFrameType.Result && open.Remove(frame.Call);
        }
    }
}
